import type { CompletionShape, GenerationShape, StopReason } from '../protocol/messages';

export interface StopRuleOptions {
  shape: CompletionShape | GenerationShape;
  maxLines: number;
  prefix: string;
  suffix: string;
}

export interface Stop {
  reason: StopReason;
  /** The text to keep. */
  text: string;
}

/** Looks at all text generated so far (LF only); answers when it is enough. Called after every token. */
export type StopRule = (text: string) => Stop | undefined;

export function createStopRule(options: StopRuleOptions): StopRule {
  return options.shape === 'line' ? stopAtLineEnd : createBlockRule(options);
}

function stopAtLineEnd(text: string): Stop | undefined {
  const end = text.indexOf('\n');
  return end < 0 ? undefined : { reason: 'endOfLine', text: text.slice(0, end) };
}

/**
 * A block ends at a blank line, at a line indented less than the cursor's (a lone closer of the block is still taken),
 * at a line that already follows the cursor, and after `maxLines`. What was asked for by command goes on over blank lines,
 * and ends where it begins to repeat itself.
 */
function createBlockRule({ shape, maxLines, prefix, suffix }: StopRuleOptions): StopRule {
  const cursorLine = prefix.slice(prefix.lastIndexOf('\n') + 1);
  const baseIndentation = indentationOf(cursorLine);
  const startsBlank = cursorLine.trim() === '';
  const following = firstFilledLine(suffix);
  const startLine = prefix.split('\n').findLast((line) => line.trim() !== '');
  return (text) => {
    if (!text.includes('\n')) return undefined;
    const lines = text.split('\n');
    // The last piece is still being written; a line is judged when its newline has come.
    for (let i = 0; i < lines.length - 1; i++) {
      const line = lines[i] ?? '';
      const keepBefore = lines.slice(0, i).join('\n');
      if (i === 0) {
        if (shape === 'block' && line.trim() === '' && startsBlank)
          return { reason: 'endOfBlock', text: '' };
        continue;
      }
      const repeated = shape === 'block' ? undefined : repetitionStart(startLine, lines, i);
      if (repeated !== undefined) {
        return { reason: 'endOfBlock', text: lines.slice(0, repeated).join('\n').trimEnd() };
      }
      if (line.trim() === '') {
        if (shape !== 'block') continue;
        return { reason: 'endOfBlock', text: keepBefore };
      }
      if (following !== undefined && line.trim() === following) {
        return { reason: 'suffixReached', text: keepBefore };
      }
      if (indentationOf(line) < baseIndentation) {
        const closesBody = shape === 'body' && isCloser(line);
        const kept = closesBody ? lines.slice(0, i + 1).join('\n') : keepBefore.trimEnd();
        return { reason: 'endOfBlock', text: kept };
      }
      if (isCloser(line) && indentationOf(line) === baseIndentation && !startsBlank) {
        return { reason: 'endOfBlock', text: lines.slice(0, i + 1).join('\n') };
      }
    }
    const complete = lines.length - 1;
    const filledFrom = lines[0]?.trim() === '' ? 1 : 0;
    if (complete - filledFrom >= maxLines) {
      return { reason: 'endOfBlock', text: lines.slice(0, complete).join('\n') };
    }
    return undefined;
  };
}

/** Width in columns; a tab counts as four, enough to compare lines of one file. */
function indentationOf(line: string): number {
  let width = 0;
  for (const character of line) {
    if (character === ' ') width += 1;
    else if (character === '\t') width += 4;
    else break;
  }
  return width;
}

function isCloser(line: string): boolean {
  return /^\s*(?:[)\]}]+[;,]?|(?:end|fi|done|esac)[;,)]*|<\/[\w.-]+>)\s*$/.test(line);
}

function firstFilledLine(text: string): string | undefined {
  // The rest of the cursor's own line is not a following line.
  const lines = text.split('\n').slice(1);
  return lines.find((line) => line.trim() !== '')?.trim();
}

/** Shorter lines, closers and the like, come again in any text. */
const SHORTEST_TELLING_LINE = 8;

/** Line from which the text says again what it has said: the line it started from, or two lines of its own. */
function repetitionStart(
  startLine: string | undefined,
  lines: readonly string[],
  last: number,
): number | undefined {
  const tells = (index: number) => (lines[index]?.trim().length ?? 0) >= SHORTEST_TELLING_LINE;
  if (!tells(last)) return undefined;
  if (lines[last]?.trim() === startLine?.trim()) return last;
  if (!tells(last - 1)) return undefined;
  for (let i = 1; i < last - 1; i++) {
    if (lines[i] === lines[last] && lines[i - 1] === lines[last - 1]) return last - 1;
  }
  return undefined;
}
