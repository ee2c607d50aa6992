/** Code whose continuation the shipped model knows: one line, then another. */
export const UNFINISHED_DISTANCE = `interface Point {
  x: number;
  y: number;
}

export function distance(a: Point, b: Point): number {
  const dx = a.x - b.x;
`;

export const UNFINISHED_RECTANGLE = `class Rectangle:
    def __init__(self, width, height):
        self.width = width
`;
