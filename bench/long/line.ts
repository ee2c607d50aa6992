export type Point = readonly [x: number, y: number];

/** `y = start + slope x`. */
export interface Line {
  start: number;
  slope: number;
}

/** Least squares. Undefined for fewer than two different x. */
export function fitLine(points: readonly Point[]): Line | undefined {
  const n = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  let xx = 0;
  let xy = 0;
  for (const [x, y] of points) {
    xx += (x - meanX) ** 2;
    xy += (x - meanX) * (y - meanY);
  }
  if (!(xx > 0)) return undefined;
  const slope = xy / xx;
  return { start: meanY - slope * meanX, slope };
}

/** Smallest x from 0 where a growing line is no longer below `level`; undefined when it never gets there. */
export function reaches({ start, slope }: Line, level: number): number | undefined {
  if (start >= level) return 0;
  return slope > 0 ? (level - start) / slope : undefined;
}
