import { expect, it } from 'vitest';
import type { CompletionResult } from '../../../../extension/completion/completionSession';
import type { SkipReason } from '../../../../extension/completion/requestDecision';
import { describeSuggestion } from '../../../../extension/completion/suggestionReport';
import { RuntimeError } from '../../../../model-runtime/protocol/errors';

const t = (message: string, ...values: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (_, i: string) => String(values[Number(i)]));

const RECORD = {
  documentId: 'file:///a.ts',
  line: 0,
  character: 0,
  isExplicit: false,
  elapsedMs: 5,
  sinceKeyMs: 12,
};

/** Why nothing is shown, as «Explain Last Suggestion» says it. */
function why(result: CompletionResult): string {
  const report = describeSuggestion({ ...RECORD, result }, undefined, t);
  return report.split('\n').find((line) => line.startsWith('No: ')) ?? '';
}

/** Each reason, and what its sentence has to name: a setting, or what it is about. */
const SKIPPED: Readonly<Record<SkipReason, RegExp>> = {
  disabled: /turned off/,
  languageDisabled: /mambaComplete\.languages/,
  manualTrigger: /mambaComplete\.trigger/,
  secretFile: /secrets/,
  excludedFile: /exclude/,
  binaryText: /text/,
  insideCharacter: /character/,
  insideWord: /word/,
  shortPrefix: /mambaComplete\.minimumPrefix/,
  insideComment: /mambaComplete\.inComments/,
  insideString: /mambaComplete\.inStrings/,
  textAfterCursor: /closing brackets/,
};

it('is never silent without a reason that the user can look up', () => {
  for (const [reason, named] of Object.entries(SKIPPED)) {
    expect(why({ kind: 'skipped', reason: reason as SkipReason }), reason).toMatch(named);
  }
  expect(why({ kind: 'empty', isUnsure: true })).toMatch(/mambaComplete\.confidence/);
  expect(why({ kind: 'empty' })).toMatch(/stand there already/);
  expect(why({ kind: 'canceled' })).toMatch(/overtaken/);
});

it('gives a failure with its code and what to do', () => {
  const error = new RuntimeError(
    'modelNotFound',
    'There is no model in /x. Choose another folder.',
  );
  expect(why({ kind: 'failed', error })).toContain('modelNotFound');
  expect(why({ kind: 'failed', error })).toContain('Choose another folder.');
});

it('says what asked, and how long it took', () => {
  const result: CompletionResult = { kind: 'skipped', reason: 'disabled' };
  const asked = (record: Partial<typeof RECORD> | { sinceKeyMs: undefined }) =>
    describeSuggestion({ ...RECORD, ...record, result }, undefined, t).split('\n')[1];
  expect(asked({})).toBe('Asked for while typing; answered after 5 ms, 12 ms after the key.');
  expect(asked({ sinceKeyMs: undefined })).toBe('Asked for while typing; answered after 5 ms.');
  expect(asked({ isExplicit: true })).toBe('Asked for by command; answered after 5 ms.');
});
