import type { RuntimeErrorCode } from '../../model-runtime/protocol/errors';

/** Where a failure that ended the runtime for good is shown. It is always in the log and in the status bar. */
export interface ErrorPresentation {
  severity: 'warning' | 'error';
  /** A notification as well, because the user can mend it. A completion request alone never causes one. */
  notifies: boolean;
  /** Offered in the notification. */
  actions: readonly ('showLog' | 'openSettings' | 'restartRuntime')[];
}

export function presentError(code: RuntimeErrorCode): ErrorPresentation {
  switch (code) {
    case 'modelNotFound':
    case 'modelCorrupt':
    case 'engineUnavailable':
      return { severity: 'error', notifies: true, actions: ['openSettings', 'showLog'] };
    case 'protocolMismatch':
      return { severity: 'error', notifies: true, actions: ['showLog'] };
    case 'outOfMemory':
    case 'deviceLost':
      return { severity: 'error', notifies: true, actions: ['restartRuntime', 'openSettings'] };
    case 'runtimeExited':
    case 'internal':
      return { severity: 'warning', notifies: false, actions: [] };
  }
}
