/** An earlier occurrence counts from this many equal tokens on; fewer mislead more often than they help. */
const SHORTEST_MATCH = 3;
/** Longer matches than this are not told apart. */
const LONGEST_MATCH = 16;
/**
 * A longer match promises a longer continuation, but each guess costs 0.4 of a pass on the CPU, and advancing the state 0.3. On the dev tasks the
 * first three tokens after a match of 3 come true in 65, 49 and 41 of 100 cases, the seventh after a match of 8 in 46, of 16 in 60.
 */
function worthGuessing(matchedTokens: number): number {
  return Math.min(Math.max(2, matchedTokens - 2), 7);
}

/**
 * Tokens that may follow `history`, copied from after the longest earlier occurrence of its last tokens (the latest one of
 * equally long ones). Empty when nothing matches. Ends before a token that is no text.
 * Source: prompt lookup decoding, Apoorv Saxena 2023.
 */
export function findDraft(
  history: ArrayLike<number>,
  maxTokens: number,
  isStop: (token: number) => boolean,
): number[] {
  const end = history.length;
  let bestLength = SHORTEST_MATCH - 1;
  let bestEnd = -1;
  for (let at = end - 1; at >= SHORTEST_MATCH; at--) {
    let length = 0;
    while (length < LONGEST_MATCH && length < at && isSame(history, at, end, length)) length++;
    if (length > bestLength) {
      bestLength = length;
      bestEnd = at;
      if (length === LONGEST_MATCH) break;
    }
  }
  if (bestEnd < 0) return [];
  const most = Math.min(maxTokens, worthGuessing(bestLength), end - bestEnd);
  const draft: number[] = [];
  for (let i = 0; i < most; i++) {
    const token = history[bestEnd + i];
    if (token === undefined || isStop(token)) break;
    draft.push(token);
  }
  return draft;
}

/** Whether the token `back` before `at` is the one `back` before `end`. */
function isSame(history: ArrayLike<number>, at: number, end: number, back: number): boolean {
  return history[at - 1 - back] === history[end - 1 - back];
}
