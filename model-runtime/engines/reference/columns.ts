/** Columns `[from, to)` of a row-major `[rows, width]` array, as an array of its own. */
export function columns(
  values: Float64Array,
  width: number,
  from: number,
  to: number,
): Float64Array {
  const rows = values.length / width;
  const part = new Float64Array(rows * (to - from));
  for (let row = 0; row < rows; row++) {
    part.set(values.subarray(row * width + from, row * width + to), row * (to - from));
  }
  return part;
}
