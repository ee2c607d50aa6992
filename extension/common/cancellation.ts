import type { IDisposable } from './disposable';

/** The shape of `vscode.CancellationToken`, which stops at `extension/vscode`; everything else takes `AbortSignal`. */
export interface CancellationTokenLike {
  readonly isCancellationRequested: boolean;
  onCancellationRequested(listener: () => void): IDisposable;
}

export interface AbortBridge extends IDisposable {
  readonly signal: AbortSignal;
  abort(): void;
}

/** An abort controller that also aborts when `token` is cancelled. Dispose it when the work is done. */
export function bridgeCancellation(token: CancellationTokenLike): AbortBridge {
  const controller = new AbortController();
  const abort = () => {
    controller.abort();
  };
  if (token.isCancellationRequested) abort();
  const subscription = token.onCancellationRequested(abort);
  return {
    signal: controller.signal,
    abort,
    dispose: () => {
      subscription.dispose();
    },
  };
}
