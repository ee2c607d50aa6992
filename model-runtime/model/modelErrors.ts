import { RuntimeError } from '../protocol/errors';

/**
 * `modelCorrupt`: a file of a model is not what its format or manifest says.
 * `file` is a path, `problem` a sentence without its full stop.
 */
export function modelCorrupt(file: string, problem: string, cause?: unknown): RuntimeError {
  return new RuntimeError(
    'modelCorrupt',
    `The model file ${file} cannot be used: ${problem}. ` +
      'Reinstall the extension; a model of your own has to be converted again.',
    { cause },
  );
}

/** `modelNotFound`: a file of a model cannot be opened or read. */
export function modelNotFound(file: string, cause: unknown): RuntimeError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RuntimeError(
    'modelNotFound',
    `The model file ${file} could not be read (${reason}). ` +
      'Reinstall the extension, or choose a folder that the convert script wrote.',
    { cause },
  );
}
