/** How long a submission may keep the GPU: a cancelled request waits for one or two. */
const SUBMISSION_MS = 4;
const MOST_TOKENS = 8;

/** How many tokens to put into one submission, from how fast the last ones came. */
export class SubmissionSize {
  tokens = 1;
  private last = 0;

  /** Before the first submission is waited for. */
  start(): void {
    this.last = performance.now();
  }

  /** After `count` tokens have come. */
  note(count: number): void {
    const now = performance.now();
    const affordable = Math.floor((SUBMISSION_MS * count) / (now - this.last));
    this.tokens = Math.max(1, Math.min(MOST_TOKENS, affordable));
    this.last = now;
  }
}
