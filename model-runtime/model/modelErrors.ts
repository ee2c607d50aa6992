import { RuntimeError } from '../protocol/errors';

/** How a parser reports what is wrong: `file` is a path, `problem` a sentence without its full stop. */
export type FailWith = (file: string, problem: string, cause?: unknown) => RuntimeError;

/** `modelCorrupt`: a file of a model is not what its format or manifest says. */
export const modelCorrupt: FailWith = (file, problem, cause) =>
  new RuntimeError(
    'modelCorrupt',
    `The model file ${file} cannot be used: ${problem}. ` +
      'Reinstall the extension; a model of your own has to be converted again.',
    { cause },
  );

/** `modelCorrupt`: a file that is to be imported cannot be, and nothing of it was. */
export const cannotImport: FailWith = (file, problem, cause) =>
  new RuntimeError('modelCorrupt', `${file} cannot be imported: ${problem}. Nothing was written.`, {
    cause,
  });

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
