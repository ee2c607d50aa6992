import type { TextPosition, TextSource } from './textSource';

/** Imports stand in a file's first lines. */
const MOST_LINES = 200;
/** More of them than fit into any budget are not looked up. */
const MOST_IMPORTS = 12;
/** Longer lines are none that a person wrote. */
const MOST_LINE_CHARACTERS = 500;

/** Lines that name another file, in the languages that have such lines; in a block of Go's that is all that a line has. */
const IMPORT_LINE =
  /^\s*(?:#\s*include|@?import|export\b.*\bfrom|from|use|using|require(?:_relative|_once)?|include|load|source|mod)\b|^\s*\}\s*from\b|\b(?:require|import)\s*\(|^\s*(?:[\w.]+\s+)?"[\w./-]+"$/;
const QUOTED = /["'`<]([^"'`<>]+)["'`>]/;
const LAST_WORD = /[\p{L}_$][\p{L}\p{N}_$]*(?=[^\p{L}\p{N}_$]*$)/u;

/** Where a language server is asked what a line imports: in the quoted name, else on the last word. */
export function importPositions(source: TextSource): TextPosition[] {
  const positions: TextPosition[] = [];
  const lines = Math.min(source.lineCount, MOST_LINES);
  for (let line = 0; line < lines && positions.length < MOST_IMPORTS; line++) {
    const text = source.lineAt(line);
    if (text.length > MOST_LINE_CHARACTERS || !IMPORT_LINE.test(text)) continue;
    const quoted = QUOTED.exec(text);
    const found = quoted ?? LAST_WORD.exec(text);
    if (found !== null) positions.push({ line, character: found.index + (quoted ? 1 : 0) });
  }
  return positions;
}

/** Of what stands above the line of interest, so much is shown at least where there is more than fits. */
const SHARE_ABOVE = 1 / 4;

/** The whole text when it has `mostCharacters` at most, else whole lines around `line`, more of those below it. Empty for a giant line. */
export function excerpt(source: TextSource, line: number, mostCharacters: number): string {
  const around = Math.min(Math.max(0, line), source.lineCount - 1);
  const sizeOf = (index: number) => source.lineAt(index).length + 1;
  let first = around;
  let last = around;
  let size = sizeOf(around);
  if (size > mostCharacters) return '';
  const growUp = (limit: number) => {
    while (first > 0 && size + sizeOf(first - 1) <= limit) size += sizeOf(--first);
  };
  growUp(mostCharacters * SHARE_ABOVE);
  while (last + 1 < source.lineCount && size + sizeOf(last + 1) <= mostCharacters) {
    size += sizeOf(++last);
  }
  growUp(mostCharacters);
  const lines = Array.from({ length: last - first + 1 }, (_, i) => source.lineAt(first + i));
  return `${lines.join('\n')}\n`;
}

/** A token has about so many characters of code. */
const CHARACTERS_PER_TOKEN = 3;
/** Fewer of a file say little about it. */
const LEAST_TOKENS = 200;
const MOST_FILES = 8;

/** Of the candidates, the most important last: how many are read within a budget, and how much of each. */
export function relatedShares(
  candidates: number,
  mostTokens: number,
): { files: number; characters: number } {
  const fitting = Math.max(1, Math.floor(mostTokens / LEAST_TOKENS));
  const files = Math.min(candidates, fitting, MOST_FILES);
  const characters = files === 0 ? 0 : Math.floor((mostTokens * CHARACTERS_PER_TOKEN) / files);
  return { files, characters };
}
