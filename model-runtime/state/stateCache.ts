import type { StateSnapshot } from '../engines/engine';

/** `text`: a point of the document's plain text, useful for every cursor below it. `cursor`: a point inside a prompt's region. */
export type SnapshotKind = 'text' | 'cursor';

/** How many snapshots one document keeps of each kind, so that its memory does not grow with its length. */
const KEPT_PER_KIND: Record<SnapshotKind, number> = { text: 5, cursor: 3 };

interface Entry {
  documentId: string;
  kind: SnapshotKind;
  tokens: Int32Array;
  snapshot: StateSnapshot;
}

export interface CacheHit {
  /** How many of the asked tokens the snapshot has read. */
  length: number;
  snapshot: StateSnapshot;
}

/**
 * Snapshots by the exact tokens that were read to reach them. Owns what it holds: an evicted snapshot is disposed.
 * Never holds more than `budgetBytes`; the least recently used entry of any document goes first.
 */
export class StateCache {
  /** Least recently used first. */
  private entries: Entry[] = [];
  private heldBytes = 0;

  constructor(private readonly budgetBytes: number) {}

  get sizeBytes(): number {
    return this.heldBytes;
  }

  /** The longest kept prefix of `tokens` with at most `maxLength` of them. */
  find(documentId: string, tokens: Int32Array, maxLength: number): CacheHit | undefined {
    let best: Entry | undefined;
    for (const entry of this.entries) {
      if (entry.documentId !== documentId || entry.tokens.length > maxLength) continue;
      if (best && entry.tokens.length <= best.tokens.length) continue;
      if (isPrefix(entry.tokens, tokens)) best = entry;
    }
    if (!best) return undefined;
    this.touch(best);
    return { length: best.tokens.length, snapshot: best.snapshot };
  }

  has(documentId: string, tokens: Int32Array): boolean {
    return this.entries.some(
      (entry) =>
        entry.documentId === documentId &&
        entry.tokens.length === tokens.length &&
        isPrefix(entry.tokens, tokens),
    );
  }

  /** Takes ownership of `snapshot`. `tokens` is copied. */
  store(documentId: string, kind: SnapshotKind, tokens: Int32Array, snapshot: StateSnapshot): void {
    if (this.has(documentId, tokens) || snapshot.sizeBytes > this.budgetBytes) {
      snapshot.dispose();
      return;
    }
    this.entries.push({ documentId, kind, tokens: tokens.slice(), snapshot });
    this.heldBytes += snapshot.sizeBytes;
    const ofKind = this.entries.filter((e) => e.documentId === documentId && e.kind === kind);
    const surplus = ofKind[0];
    if (surplus && ofKind.length > KEPT_PER_KIND[kind]) this.remove(surplus);
    while (this.heldBytes > this.budgetBytes && this.entries[0]) this.remove(this.entries[0]);
  }

  closeDocument(documentId: string): void {
    for (const entry of this.entries.filter((e) => e.documentId === documentId)) this.remove(entry);
  }

  dispose(): void {
    for (const entry of [...this.entries]) this.remove(entry);
  }

  private touch(entry: Entry): void {
    this.entries = this.entries.filter((e) => e !== entry);
    this.entries.push(entry);
  }

  private remove(entry: Entry): void {
    this.entries = this.entries.filter((e) => e !== entry);
    this.heldBytes -= entry.snapshot.sizeBytes;
    entry.snapshot.dispose();
  }
}

function isPrefix(prefix: Int32Array, tokens: Int32Array): boolean {
  if (prefix.length > tokens.length) return false;
  // From the end: two states of one document differ there first.
  for (let i = prefix.length - 1; i >= 0; i--) if (prefix[i] !== tokens[i]) return false;
  return true;
}
