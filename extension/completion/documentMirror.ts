import type { TextChange } from '../../model-runtime/protocol/messages';
import type { DocumentNotification } from '../runtime-client/runtimeConnection';
import type { TextSource } from './textSource';
import { wellFormedLines } from './textSource';

/** A document whose lines and version are those of the moment they are asked for. */
export interface VersionedSource extends TextSource {
  readonly version: number;
}

export interface MirrorOptions {
  send: (message: DocumentNotification) => void;
  /** Lets other work of the editor's happen between two pieces of a large document. */
  nextTurn: () => Promise<void>;
  /** Larger documents are not tracked. */
  mostCharacters?: number;
}

/** Characters of one piece: far below 10 ms of work for the editor. */
const PIECE_CHARACTERS = 128 * 1024;
const MOST_CHARACTERS = 20 * 1024 * 1024;

interface Mirrored {
  /** Version that the runtime will have when it has read what was sent; absent while a document is being sent. */
  version: number | undefined;
  path: string;
  isTooLarge: boolean;
}

/**
 * Keeps the runtime's copies of documents equal to the editor's: a document is sent once, in pieces, when it is first asked for, and then
 * only its changes. Sent once more when the runtime says that it does not have it, or when versions do not meet.
 */
export class DocumentMirror {
  private readonly documents = new Map<string, Mirrored>();
  private readonly opening = new Map<string, Promise<boolean>>();

  constructor(private readonly options: MirrorOptions) {}

  /** Sends the document unless the runtime has this version. False when it is too large to be tracked or was closed meanwhile. */
  async ensureOpen(source: VersionedSource, path: string): Promise<boolean> {
    const known = this.documents.get(source.uri);
    if (known?.isTooLarge) return false;
    if (known?.version === source.version && known.path === path) return true;
    const running = this.opening.get(source.uri);
    if (running) return running;
    const opening = this.open(source, path).finally(() => {
      this.opening.delete(source.uri);
    });
    this.opening.set(source.uri, opening);
    return opening;
  }

  /** `changes` each apply to what the one before left, as the editor reports them. */
  change(uri: string, version: number, changes: readonly TextChange[]): void {
    const known = this.documents.get(uri);
    // While it is being sent, the sender sees the new version and starts again.
    if (known?.version === undefined || known.version === version) return;
    const fromVersion = known.version;
    known.version = version;
    this.options.send({
      kind: 'changeDocument',
      documentId: uri,
      fromVersion,
      version,
      changes: changes.map((change) => ({ ...change, text: wellFormedLines(change.text) })),
    });
  }

  /** The runtime does not have the document as it is: the next `ensureOpen` sends it again. */
  invalidate(uri: string): void {
    const known = this.documents.get(uri);
    if (known && !known.isTooLarge) this.documents.delete(uri);
  }

  close(uri: string): void {
    if (this.documents.delete(uri)) this.options.send({ kind: 'closeDocument', documentId: uri });
  }

  isTooLarge(uri: string): boolean {
    return this.documents.get(uri)?.isTooLarge ?? false;
  }

  private async open(source: VersionedSource, path: string): Promise<boolean> {
    const { send, nextTurn, mostCharacters = MOST_CHARACTERS } = this.options;
    const entry: Mirrored = { version: undefined, path, isTooLarge: false };
    this.documents.set(source.uri, entry);
    for (;;) {
      const { version, uri: documentId } = source;
      let sent = 0;
      let line = 0;
      let isFirst = true;
      while (line < source.lineCount || isFirst) {
        const piece = nextPiece(source, line);
        line = piece.nextLine;
        sent += piece.text.length;
        if (sent > mostCharacters) {
          entry.isTooLarge = true;
          send({ kind: 'closeDocument', documentId });
          return false;
        }
        const isComplete = line >= source.lineCount;
        const { text } = piece;
        send(
          isFirst
            ? { kind: 'openDocument', documentId, version, path, text, isComplete }
            : { kind: 'appendToDocument', documentId, version, text, isComplete },
        );
        isFirst = false;
        if (isComplete) {
          entry.version = version;
          return true;
        }
        await nextTurn();
        if (this.documents.get(documentId) !== entry) return false;
        if (source.version !== version) break;
      }
    }
  }
}

/** Lines from `line` on, with the line end between this piece and the next. */
function nextPiece(source: TextSource, line: number): { text: string; nextLine: number } {
  const lines: string[] = [];
  let size = 0;
  let nextLine = line;
  while (nextLine < source.lineCount && size < PIECE_CHARACTERS) {
    const text = source.lineAt(nextLine);
    lines.push(text);
    size += text.length + 1;
    nextLine++;
  }
  const isLast = nextLine >= source.lineCount;
  return { text: wellFormedLines(lines.join('\n')) + (isLast ? '' : '\n'), nextLine };
}
