/** Closed set of failures. Each has one presentation in `extension/vscode/errorPresenter.ts`. */
export type RuntimeErrorCode =
  | 'modelNotFound'
  | 'modelCorrupt'
  | 'engineUnavailable'
  | 'deviceLost'
  | 'outOfMemory'
  | 'protocolMismatch'
  | 'runtimeExited'
  | 'internal';

/**
 * The one error class that crosses module and process boundaries.
 * `message` says what was tried and what the user can do.
 */
export class RuntimeError extends Error {
  constructor(
    readonly code: RuntimeErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'RuntimeError';
  }
}
