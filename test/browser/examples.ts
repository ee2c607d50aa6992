/** Code whose continuation the shipped model knows: one line, then another. */
export const UNFINISHED_DISTANCE = `interface Point {
  x: number;
  y: number;
}

export function distance(a: Point, b: Point): number {
  const dx = a.x - b.x;
`;

export const UNFINISHED_AREA = 'def area(width, height):\n';
