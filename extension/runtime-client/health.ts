import type { RuntimeError, RuntimeErrorCode } from '../../model-runtime/protocol/errors';
import type { EngineInfo, ModelInfo } from '../../model-runtime/protocol/messages';

/** The runtime's state as data; rendered in `extension/vscode/statusView.ts`. */
export type RuntimeHealth =
  | { readonly state: 'stopped' }
  | {
      readonly state: 'starting';
      /** Why the last process ended, when this is a restart. */
      readonly lastError?: RuntimeError;
    }
  | {
      readonly state: 'ready';
      readonly model: ModelInfo;
      readonly engine: EngineInfo;
      readonly loadMs: number;
    }
  | { readonly state: 'failed'; readonly error: RuntimeError };

/** Failures that starting again with the same settings cannot mend. */
export function isPermanent(code: RuntimeErrorCode): boolean {
  switch (code) {
    case 'modelNotFound':
    case 'modelCorrupt':
    case 'engineUnavailable':
    case 'protocolMismatch':
      return true;
    case 'deviceLost':
    case 'outOfMemory':
    case 'runtimeExited':
    case 'internal':
      return false;
  }
}
