import type { StateSnapshot } from '../engines/engine';
import type {
  AppendToDocumentNotification,
  ChangeDocumentNotification,
  OpenDocumentNotification,
  DocumentPlace,
  DocumentReading,
  TextPosition,
} from '../protocol/messages';
import { DocumentStates, type CursorState, type TextState } from './documentStates';
import { comparePositions, DocumentText } from './documentText';
import { RelatedFiles, type RelatedRoot } from './relatedFiles';
import { isSegmentStart } from './segments';

/** As `DocumentReading`, its texts made when someone asks for them. */
interface LastReading extends Omit<DocumentReading, 'prompt' | 'generated'> {
  prompt: () => string;
  generated?: () => DocumentReading['generated'];
}

/** One document as the runtime has it. */
export interface TrackedDocument {
  readonly id: string;
  readonly path: string;
  readonly text: DocumentText;
  readonly states: DocumentStates;
  version: number;
  isComplete: boolean;
  /** The topmost change since it was last found: what is read meanwhile of text below is out of date. */
  earliestChange: TextPosition | undefined;
  /** The text after the cursor as the last prompt had it. */
  suffix: string | undefined;
  requests: number;
  cursorHits: number;
  last?: LastReading;
}

/**
 * The documents that the client has opened, and their states within `budgetBytes`. Of the least recently used document the
 * states go first, and before anything of use to a return those after related files; the two that a return needs stay, in the
 * end in 16 bits, while others have more than those.
 */
export class DocumentStore {
  /** Least recently used first. */
  private readonly documents = new Map<string, TrackedDocument>();
  /** Of documents that are opened and of those that have to be sent again. */
  readonly related = new RelatedFiles();

  constructor(readonly budgetBytes: number) {}

  get sizeBytes(): number {
    let size = this.related.sizeBytes;
    for (const { states } of this.documents.values()) size += states.sizeBytes;
    return size;
  }

  get documentCount(): number {
    return this.documents.size;
  }

  /** In place of what there was of it. */
  open(message: OpenDocumentNotification): void {
    const { documentId: id, path, version, isComplete } = message;
    this.drop(id);
    this.documents.set(id, {
      id,
      path,
      text: new DocumentText(message.text),
      states: new DocumentStates(),
      version,
      isComplete,
      earliestChange: undefined,
      suffix: undefined,
      requests: 0,
      cursorHits: 0,
    });
  }

  append({ documentId, version, text, isComplete }: AppendToDocumentNotification): void {
    const document = this.documents.get(documentId);
    if (!document || document.isComplete || document.version !== version) return;
    document.text.append(text);
    document.isComplete = isComplete;
  }

  /** Drops a document to which the change does not belong: its next request is answered with `resync`. */
  change({ documentId, fromVersion, version, changes }: ChangeDocumentNotification): void {
    const document = this.documents.get(documentId);
    if (!document) return;
    const isNext = document.isComplete && document.version === fromVersion;
    for (const change of isNext ? changes : []) {
      if (!document.text.apply(change)) {
        this.drop(documentId);
        return;
      }
      document.states.applyChange(change, document.text);
      const { earliestChange } = document;
      if (!earliestChange || comparePositions(change.start, earliestChange) < 0) {
        document.earliestChange = change.start;
      }
    }
    if (isNext) document.version = version;
    else this.drop(documentId);
  }

  close(documentId: string): void {
    this.drop(documentId);
    this.related.close(documentId);
  }

  /** The document when it is what the request means; it becomes the most recently used one. */
  find(place: DocumentPlace): TrackedDocument | undefined {
    const document = this.documents.get(place.documentId);
    if (!document?.isComplete || document.version !== place.version) return undefined;
    if (document.text.lineCount !== place.lineCount) return undefined;
    if (!document.text.contains(place.position)) return undefined;
    this.documents.delete(document.id);
    this.documents.set(document.id, document);
    document.earliestChange = undefined;
    return document;
  }

  /** Least recently used first. */
  list(): TrackedDocument[] {
    return [...this.documents.values()];
  }

  /** Frees the states of one document, or of all; the texts stay. */
  clearStates(documentId: string | undefined): void {
    for (const { id, states } of this.documents.values()) {
      if (documentId !== undefined && documentId !== id) continue;
      states.dispose();
      this.related.clear(id);
    }
  }

  get(documentId: string): TrackedDocument | undefined {
    return this.documents.get(documentId);
  }

  /** Takes ownership of the state's snapshot. A state that an edit has overtaken meanwhile is not kept. */
  keepText(document: TrackedDocument, state: TextState): void {
    if (!this.isCurrent(document, state)) return state.snapshot.dispose();
    document.states.addText(state, document.text);
    this.enforceBudget();
  }

  /** As `keepText`, of a place in view. */
  keepView(document: TrackedDocument, state: TextState): void {
    if (!this.isCurrent(document, state)) return state.snapshot.dispose();
    document.states.addView(state);
    this.enforceBudget();
  }

  /** As `keepText`. */
  keepCursor(document: TrackedDocument, state: CursorState): void {
    if (!this.isCurrent(document, state)) return state.snapshot.dispose();
    document.states.addCursor(state);
    this.enforceBudget();
  }

  /** As `keepText`, of a document's related files. */
  keepRoot(
    { id }: TrackedDocument,
    root: RelatedRoot,
    snapshot: StateSnapshot,
    tokensRead: number,
  ): void {
    this.related.keep(id, root, snapshot, tokensRead);
    this.enforceBudget();
  }

  dispose(): void {
    for (const id of [...this.documents.keys()]) this.drop(id);
    this.related.dispose();
  }

  private drop(documentId: string): void {
    this.documents.get(documentId)?.states.dispose();
    this.documents.delete(documentId);
  }

  private isCurrent(document: TrackedDocument, { at }: TextState): boolean {
    if (this.documents.get(document.id) !== document) return false;
    const { earliestChange, text } = document;
    const isOvertaken = earliestChange !== undefined && comparePositions(at, earliestChange) > 0;
    return !isOvertaken && isSegmentStart(text, at);
  }

  private enforceBudget(): void {
    if (this.sizeBytes <= this.budgetBytes) return;
    const documents = this.list();
    const leastRecentFirst = documents.map(({ states }) => states);
    const active = leastRecentFirst.at(-1);
    this.free(leastRecentFirst, (states) => states.evict(true));
    this.free([this.related], (related) => related.evict(documents.at(-1)?.id));
    // What is restored at every key stays as it is.
    this.free(leastRecentFirst, (states) => states !== active && states.compact());
    this.free(leastRecentFirst, (states) => states !== active && states.evict(false));
    this.free([this.related], (related) => related.evict(undefined));
    this.free(leastRecentFirst, (states) => states.evict(false));
  }

  /** Takes from one owner of states after another, until the budget holds them all. */
  private free<Owner>(all: readonly Owner[], take: (owner: Owner) => boolean): void {
    for (const owner of all) {
      while (this.sizeBytes > this.budgetBytes && take(owner));
    }
  }
}
