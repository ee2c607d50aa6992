import { afterTyping, type ModelText } from './confidence';
import type { LocalContext } from './localContext';

/** Suggestions that are remembered over all documents. */
const MOST_REMEMBERED = 32;

interface Remembered {
  documentId: string;
  prefix: string;
  suffix: string;
  /** Before any post-processing. */
  said: ModelText;
}

type Place = LocalContext;

/** Brackets and quotes that editors put in by themselves when their opening partner is typed. */
const CLOSERS = new Set([')', ']', '}', '"', "'", '`', '>']);

/**
 * Remembers suggestions with the place they were made for. While the user types what was suggested, or deletes back
 * within it, the rest is found here without asking the model.
 */
export class SuggestionMemory {
  /** Newest last. */
  private entries: Remembered[] = [];

  /** `others` are what may have been chosen instead. */
  remember(place: Place, said: ModelText, others: readonly ModelText[] = []): void {
    const { documentId, prefix, suffix } = place;
    const isOther = (entry: Remembered) =>
      entry.documentId !== documentId || entry.prefix !== prefix || entry.suffix !== suffix;
    const added = [said, ...others].toReversed();
    this.entries = this.entries.filter(isOther).slice(added.length - MOST_REMEMBERED);
    for (const each of added) this.entries.push({ documentId, prefix, suffix, said: each });
  }

  /** What is left of a remembered suggestion at this place, never empty. */
  recall(place: Place): ModelText | undefined {
    for (const entry of this.entries.toReversed()) {
      if (entry.documentId !== place.documentId) continue;
      const rest = remaining(entry, place);
      if (rest !== undefined) return rest;
    }
    return undefined;
  }

  forgetDocument(documentId: string): void {
    this.entries = this.entries.filter((entry) => entry.documentId !== documentId);
  }

  clear(): void {
    this.entries = [];
  }
}

/**
 * Whether typing has gone from `start` to `now` along `written`, which is not finished. As far as the text behind the cursor can
 * tell already.
 */
export function leadsTo(start: LocalContext, written: string, now: LocalContext): boolean {
  if (start.documentId !== now.documentId || !now.prefix.startsWith(start.prefix)) return false;
  if (!written.startsWith(now.prefix.slice(start.prefix.length))) return false;
  return start.suffix === now.suffix || CLOSERS.has(now.suffix.charAt(0));
}

function remaining(entry: Remembered, place: Place): ModelText | undefined {
  if (!place.prefix.startsWith(entry.prefix)) return undefined;
  const typed = place.prefix.slice(entry.prefix.length);
  const { text } = entry.said;
  if (typed.length >= text.length || !text.startsWith(typed)) return undefined;
  const rest = afterTyping(entry.said, typed.length);
  return isSameSuffix(entry.suffix, place.suffix, rest.text) ? rest : undefined;
}

/** The suffix as it was, or with closers in front that the editor added and that the suggestion brings too. */
function isSameSuffix(before: string, now: string, rest: string): boolean {
  if (now === before) return true;
  let added = 0;
  while (added < now.length && CLOSERS.has(now.charAt(added))) {
    if (!rest.includes(now.charAt(added))) return false;
    added++;
    // Both windows have the same length limit, so the longer text may be cut at its end.
    const after = now.slice(added);
    if (after === before || (after.length > 0 && before.startsWith(after + '\n'))) return true;
  }
  return false;
}
