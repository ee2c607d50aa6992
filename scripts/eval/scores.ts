/** What became of one task. */
export interface Outcome {
  language: string;
  kind: 'line' | 'block';
  isShown: boolean;
  /** What was shown, and what stood there. */
  text: string;
  expected: string;
  /** Characters after the cursor that the text replaces. */
  replacedAfter: number;
  /** The text that would have been inserted equals the one that stood there, both trimmed. For `line` the first lines. */
  isExact: boolean;
  /** Every line that was shown is right, the whole text or its beginning. */
  isRight: boolean;
  /** From 0 to 1; 0 when nothing was shown. */
  editSimilarity: number;
  shownLines: number;
  /** Lines before the first wrong one. */
  rightLines: number;
  doublesCloser: boolean;
  repeatsNextLine: boolean;
  /** Of the request; absent when the model was not asked. */
  timeMs?: number;
}

/** Shares from 0 to 1 of `n` tasks; what was not shown counts as wrong. `precision` is the share of what was shown that is right. */
export interface Scores {
  n: number;
  exactMatch: number;
  editSimilarity: number;
  shown: number;
  precision: number;
}

export interface Report {
  line: Scores;
  block: Scores;
  languages: Record<string, Partial<Record<'line' | 'block', Scores>>>;
}

export function reportOf(outcomes: readonly Outcome[]): Report {
  const ofKind = (kind: string, among = outcomes) => among.filter((one) => one.kind === kind);
  const languages: Report['languages'] = {};
  for (const language of [...new Set(outcomes.map((one) => one.language))].sort()) {
    const among = outcomes.filter((one) => one.language === language);
    const [line, block] = [ofKind('line', among), ofKind('block', among)];
    languages[language] = {
      ...(line.length > 0 ? { line: scoresOf(line) } : {}),
      ...(block.length > 0 ? { block: scoresOf(block) } : {}),
    };
  }
  return { line: scoresOf(ofKind('line')), block: scoresOf(ofKind('block')), languages };
}

export function scoresOf(outcomes: readonly Outcome[]): Scores {
  const shown = outcomes.filter((one) => one.isShown);
  return {
    n: outcomes.length,
    exactMatch: mean(outcomes, (one) => Number(one.isExact)),
    editSimilarity: mean(outcomes, (one) => one.editSimilarity),
    shown: mean(outcomes, (one) => Number(one.isShown)),
    precision: mean(shown, (one) => Number(one.isRight)),
  };
}

/** 0 of nothing. */
export function mean<T>(items: readonly T[], value: (item: T) => number): number {
  return items.length === 0 ? 0 : items.reduce((sum, item) => sum + value(item), 0) / items.length;
}

/** One less the edit distance over the longer text's length. */
export function editSimilarity(a: string, b: string): number {
  const longer = Math.max(a.length, b.length);
  return longer === 0 ? 1 : 1 - editDistance(a, b) / longer;
}

/** Levenshtein's: insertions, deletions and replacements of UTF-16 units. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + Number(a.charAt(i - 1) !== b.charAt(j - 1));
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
