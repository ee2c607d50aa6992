import * as vscode from 'vscode';
import { bridgeCancellation } from '../common/cancellation';

/** A notification with «Cancel», which aborts the signal, while the task runs. */
export function withProgress<T>(
  title: string,
  task: (
    signal: AbortSignal,
    progress: vscode.Progress<{ message?: string; increment?: number }>,
  ) => Promise<T>,
): Thenable<T> {
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress(
    { location, title, cancellable: true },
    async (progress, token) => {
      const bridge = bridgeCancellation(token);
      try {
        return await task(bridge.signal, progress);
      } finally {
        bridge.dispose();
      }
    },
  );
}
