/** What is measured: one engine on one number of threads. */
export interface SubjectInfo {
  engine: string;
  /** Storage of the matrices. */
  weights: string;
  /** Arithmetic of the matrix products. */
  arithmetic: string;
  threads: number;
}

/**
 * A loaded model with one sequence. Every call does what a completion needs: it computes the logits of the last token
 * it reads and their argmax.
 */
export interface Subject {
  readonly info: SubjectInfo;
  /** Does what our runtime does when nothing else is to be done. */
  settle?(): Promise<void>;
  /** Forgets the sequence. */
  reset(): Promise<void>;
  /** Reads tokens as one prompt; returns the most likely next token. */
  prefill(tokens: readonly number[]): Promise<number>;
  /** Reads one token; returns the most likely next one. Follows a `prefill`. */
  decode(token: number): Promise<number>;
  /** Reads a prompt into a fresh sequence; returns the logits of `ids`. */
  logits(prompt: readonly number[], ids: readonly number[]): Promise<number[]>;
}
