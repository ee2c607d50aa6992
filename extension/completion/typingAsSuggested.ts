import { afterTyping, type ModelText } from './confidence';
import { beginnings, typedSince, type LocalContext } from './localContext';
import { RadixTree } from './radixTree';

/** Suggestions that are remembered over all documents. */
const MOST_REMEMBERED = 100;

interface Remembered extends LocalContext {
  /** Before any post-processing. */
  said: ModelText;
  /** Newer ones have greater numbers. */
  serial: number;
}

/** Brackets and quotes that editors put in by themselves when their opening partner is typed. */
const CLOSERS = new Set([')', ']', '}', '"', "'", '`', '>']);

/**
 * Remembers suggestions with the state of the document that they were made for: the text around the cursor. While the user types
 * what was suggested, or deletes back within it, the rest is found here without asking the model.
 */
export class SuggestionMemory {
  /** By document and text before the cursor. */
  private tree = new RadixTree<Remembered>();
  /** Oldest first. */
  private readonly entries = new Set<Remembered>();
  private lastSerial = 0;

  /** `others` are what may have been chosen instead. */
  remember(place: LocalContext, said: ModelText, others: readonly ModelText[] = []): void {
    const { documentId, prefix, suffix } = place;
    const begun = [...this.tree.prefixesOf(keyOf(place))].map(({ value }) => value);
    for (const entry of begun) {
      if (entry.prefix === prefix && entry.suffix === suffix) this.forget(entry);
    }
    for (const each of [said, ...others].toReversed()) {
      const entry = { documentId, prefix, suffix, said: each, serial: ++this.lastSerial };
      this.entries.add(entry);
      for (const key of keysOf(entry)) this.tree.add(key, entry);
    }
    for (const oldest of this.entries) {
      if (this.entries.size <= MOST_REMEMBERED) break;
      this.forget(oldest);
    }
  }

  /** What is left of the newest suggestion that fits this place, never empty. */
  recall(place: LocalContext): ModelText | undefined {
    const key = keyOf(place);
    const begun = [...this.tree.prefixesOf(key)].sort((a, b) => b.value.serial - a.value.serial);
    for (const { value, length } of begun) {
      const rest = remaining(value, key.slice(length), place.suffix);
      if (rest !== undefined) return rest;
    }
    return undefined;
  }

  forgetDocument(documentId: string): void {
    for (const entry of this.entries) if (entry.documentId === documentId) this.forget(entry);
  }

  clear(): void {
    this.entries.clear();
    this.tree = new RadixTree();
  }

  private forget(entry: Remembered): void {
    this.entries.delete(entry);
    for (const key of keysOf(entry)) this.tree.delete(key, entry);
  }
}

function keyOf({ documentId, prefix }: LocalContext): string {
  // No URI has a line end.
  return `${documentId}\n${prefix}`;
}

function keysOf({ documentId, prefix, suffix }: LocalContext): string[] {
  return beginnings(prefix).map((begun) => keyOf({ documentId, prefix: begun, suffix }));
}

/**
 * Whether typing has gone from `start` to `now` along `written`, which is not finished. As far as the text behind the cursor can
 * tell already.
 */
export function leadsTo(start: LocalContext, written: string, now: LocalContext): boolean {
  const typed = typedSince(start, now);
  if (typed === undefined || !written.startsWith(typed)) return false;
  return start.suffix === now.suffix || CLOSERS.has(now.suffix.charAt(0));
}

/** What is left of a suggestion when `typed` has been typed since. */
function remaining(
  { said, suffix }: Remembered,
  typed: string,
  now: string,
): ModelText | undefined {
  if (typed.length >= said.text.length || !said.text.startsWith(typed)) return undefined;
  const rest = afterTyping(said, typed.length);
  return isSameSuffix(suffix, now, rest.text) ? rest : undefined;
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
