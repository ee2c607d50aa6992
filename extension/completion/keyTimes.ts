/** Beyond this a question has another reason than the last key. */
const LONGEST_WAIT_MS = 2000;

/** When each document was changed last, for the time from a key to its suggestion. */
export class KeyTimes {
  private readonly times = new Map<string, number>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  note(documentId: string): void {
    this.times.set(documentId, this.now());
  }

  forget(documentId: string): void {
    this.times.delete(documentId);
  }

  /** The time of the key that a question follows; each key is answered once. Undefined where there was none just before. */
  take(documentId: string): number | undefined {
    const time = this.times.get(documentId);
    this.times.delete(documentId);
    return time !== undefined && this.now() - time <= LONGEST_WAIT_MS ? time : undefined;
  }
}
