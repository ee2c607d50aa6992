import type { StateSnapshot } from '../engines/engine';
import type { RelatedFile, RelateFilesNotification } from '../protocol/messages';

/**
 * What the model reads before a document's own text, and how far that has been read. Another one takes its place when the files
 * change, so that states tell by identity what they began with.
 */
export interface RelatedRoot {
  /** In the order of reading. */
  readonly files: readonly RelatedFile[];
  readonly tokens: Int32Array;
  /** Of the first `tokensRead` tokens. */
  snapshot: StateSnapshot | undefined;
  tokensRead: number;
}

interface Related {
  asked: RelateFilesNotification;
  /** What `root` was made from. */
  made?: RelateFilesNotification;
  root?: RelatedRoot | undefined;
}

/** The related files of each document as the client has named them last, and their roots. Owns the roots' snapshots. */
export class RelatedFiles {
  private readonly byDocument = new Map<string, Related>();

  get sizeBytes(): number {
    let size = 0;
    for (const { root } of this.byDocument.values()) size += root?.snapshot?.sizeBytes ?? 0;
    return size;
  }

  /** The root stays as it is until `renew`. */
  ask(message: RelateFilesNotification): void {
    const { documentId } = message;
    const related = this.byDocument.get(documentId);
    if (related) related.asked = message;
    else if (message.files.length > 0) this.byDocument.set(documentId, { asked: message });
  }

  /** Makes the root of the files that were named last; the same one when it would have the same tokens. */
  renew(
    documentId: string,
    make: (asked: RelateFilesNotification) => RelatedRoot | undefined,
  ): RelatedRoot | undefined {
    const related = this.byDocument.get(documentId);
    if (!related || related.made === related.asked) return related?.root;
    const root = make(related.asked);
    related.made = related.asked;
    if (related.root && root && isSame(related.root.tokens, root.tokens)) return related.root;
    free(related.root);
    related.root = root;
    if (!root) this.byDocument.delete(documentId);
    return root;
  }

  /** The document's root, whether it has been read or not. */
  rootOf(documentId: string): RelatedRoot | undefined {
    return this.byDocument.get(documentId)?.root;
  }

  /** Takes ownership of the snapshot. One of a root that has been replaced meanwhile is not kept. */
  keep(documentId: string, root: RelatedRoot, snapshot: StateSnapshot, tokensRead: number): void {
    if (this.rootOf(documentId) !== root) return snapshot.dispose();
    root.snapshot?.dispose();
    root.snapshot = snapshot;
    root.tokensRead = tokensRead;
  }

  /** Frees the state of one root, of another document than `except`. Returns whether there was one. */
  evict(except: string | undefined): boolean {
    for (const [id, { root }] of this.byDocument) {
      if (id === except || !root?.snapshot) continue;
      free(root);
      return true;
    }
    return false;
  }

  /** Frees what has been read; the files stay named. */
  clear(documentId: string): void {
    free(this.rootOf(documentId));
  }

  close(documentId: string): void {
    this.clear(documentId);
    this.byDocument.delete(documentId);
  }

  dispose(): void {
    for (const id of [...this.byDocument.keys()]) this.close(id);
  }
}

/** Whether all of it has been read, so that a context can start from it. */
export function isRead(root: RelatedRoot): boolean {
  return root.snapshot !== undefined && root.tokensRead === root.tokens.length;
}

function free(root: RelatedRoot | undefined): void {
  if (!root) return;
  root.snapshot?.dispose();
  root.snapshot = undefined;
  root.tokensRead = 0;
}

function isSame(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((token, i) => token === b[i]);
}
