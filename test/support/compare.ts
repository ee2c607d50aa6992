type Numbers = ArrayLike<number>;

/** sqrt(sum (actual - expected)^2 / sum expected^2): 0 when equal, NaN when the lengths differ. */
export function relativeL2(actual: Numbers, expected: Numbers): number {
  if (actual.length !== expected.length) return NaN;
  let difference = 0;
  let size = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i] - expected[i]) ** 2;
    size += expected[i] ** 2;
  }
  return Math.sqrt(difference / (size || 1));
}

export function norm(values: Numbers): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ** 2;
  return Math.sqrt(sum);
}
