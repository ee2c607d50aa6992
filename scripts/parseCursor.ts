import path from 'node:path';

export interface Cursor {
  /** Absolute. */
  file: string;
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 units as editors count. */
  column: number;
}

/** Reads `FILE:LINE:COL`; the file may have colons of its own. Throws with a message for the user. */
export function parseCursor(target: string): Cursor {
  const match = /^(.+):(\d+):(\d+)$/.exec(target);
  const [, file = '', line = '0', column = '0'] = match ?? [];
  if (!match || Number(line) < 1 || Number(column) < 1) {
    throw new Error(`«${target}» is not FILE:LINE:COL with line and column from 1.`);
  }
  return { file: path.resolve(file), line: Number(line), column: Number(column) };
}
