export interface Spread {
  median: number;
  min: number;
  max: number;
  samples: number;
}

/** Throws on an empty list: a measurement without samples is a mistake of the caller. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.ceil((sorted.length - 1) / 2)];
  const min = sorted[0];
  const max = sorted.at(-1);
  if (low === undefined || high === undefined || min === undefined || max === undefined) {
    throw new Error('no samples');
  }
  return { median: (low + high) / 2, min, max, samples: sorted.length };
}
