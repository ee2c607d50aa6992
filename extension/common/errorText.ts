import type { RuntimeErrorCode } from '../../model-runtime/protocol/errors';
import type { Translate } from './translate';

const untranslated: Translate = (message) => message;

/**
 * A failure of the runtime for people. The runtime writes English and knows the details; in another language its message follows a
 * sentence of that language on what went wrong and what to do.
 */
export function errorText(
  error: { code: RuntimeErrorCode; message: string },
  t: Translate,
): string {
  const summary = summaryOf(error.code, t);
  return summary === summaryOf(error.code, untranslated)
    ? error.message
    : `${summary} (${error.message})`;
}

function summaryOf(code: RuntimeErrorCode, t: Translate): string {
  switch (code) {
    case 'modelNotFound':
      return t('The model was not found. Look at the model folder in the settings.');
    case 'modelCorrupt':
      return t('The model’s files are damaged or not of a kind that is understood.');
    case 'engineUnavailable':
      return t('The engine does not run on this machine. Choose another one in the settings.');
    case 'deviceLost':
      return t('The graphics device was lost. Restart the model runtime.');
    case 'outOfMemory':
      return t('There is not enough memory. Close other programs or choose a smaller model.');
    case 'protocolMismatch':
      return t('The extension and its model runtime are of different versions. Install it anew.');
    case 'runtimeExited':
      return t('The model runtime has ended. Restart it or look into the log.');
    case 'internal':
      return t('The model runtime made a mistake. The log says more.');
  }
}
