import type { DocumentDescription, DocumentReading } from '../../model-runtime/protocol/messages';
import { errorText } from '../common/errorText';
import type { Translate } from '../common/translate';
import type { CompletionResult } from './completionSession';
import { reasonText, reuseText } from './readingText';
import type { SkipReason } from './requestDecision';

/** What became of one request for a suggestion. */
export interface SuggestionRecord {
  /** Of the document, or of the notebook around it. */
  documentId: string;
  /** Zero-based. */
  line: number;
  character: number;
  isExplicit: boolean;
  result: CompletionResult;
  /** From the editor's question to the answer, waiting for a pause in typing included. */
  elapsedMs: number;
  /** From the key before the question to the answer; undefined where another thing made the editor ask. */
  sinceKeyMs: number | undefined;
}

/** The last request for a suggestion, for people: whether it was shown and why, what it cost, what the model read and wrote. */
export function describeSuggestion(
  record: SuggestionRecord,
  document: DocumentDescription | undefined,
  t: Translate,
): string {
  const { documentId, line, character, result } = record;
  const lines = [
    `${documentId}:${line + 1}:${character + 1}`,
    askedText(record, t),
    '',
    `## ${t('Shown?')}`,
    verdict(result, t),
    ...figureLines(result, t),
    '',
    ...(document?.last === undefined
      ? [t('The model runtime has no request of this document, or is not running.')]
      : readingLines(document.last, t)),
  ];
  return `${lines.join('\n')}\n`;
}

function askedText({ isExplicit, elapsedMs, sinceKeyMs }: SuggestionRecord, t: Translate): string {
  const elapsed = Math.round(elapsedMs);
  if (isExplicit) return t('Asked for by command; answered after {0} ms.', elapsed);
  if (sinceKeyMs === undefined) return t('Asked for while typing; answered after {0} ms.', elapsed);
  return t(
    'Asked for while typing; answered after {0} ms, {1} ms after the key.',
    elapsed,
    Math.round(sinceKeyMs),
  );
}

/** What the model read and wrote, token by token, and the prompt as it was. */
function readingLines(last: DocumentReading, t: Translate): string[] {
  const lines = [
    `## ${t('What the model read last in this document')}`,
    t(
      '{0} of {1} prompt tokens were replayed, the rest was reused: it went on from {2}.',
      last.tokensRead,
      last.promptTokens,
      reuseText(last.reuse, t),
    ),
    t('Why: {0}.', reasonText(last.reason, t)),
  ];
  if (last.generated !== undefined) {
    const titles = [t('probability').padEnd(13), t('log').padEnd(11), t('token')];
    lines.push('', `## ${t('What it wrote')}`, titles.join(''));
    for (const { text, logProbability } of last.generated) {
      const percent = `${(Math.exp(logProbability) * 100).toFixed(1)} %`;
      lines.push(
        `${percent.padStart(8)}     ${logProbability.toFixed(3).padEnd(9)}  ${JSON.stringify(text)}`,
      );
    }
  }
  return [...lines, '', `## ${t('The exact prompt')}`, last.prompt];
}

function verdict(result: CompletionResult, t: Translate): string {
  switch (result.kind) {
    case 'success':
      return t('Yes: {0}', JSON.stringify(result.suggestion.insertText));
    case 'empty':
      return result.isUnsure === true
        ? t('No: the model was not sure enough of it (mambaComplete.confidence).')
        : t('No: the model wrote nothing, or nothing that does not stand there already.');
    case 'canceled':
      return t('No: it was overtaken by another keystroke or request.');
    case 'skipped':
      return t('No: it was not asked for. {0}', skipText(result.reason, t));
    case 'failed':
      return t('No: it failed ({0}). {1}', result.error.code, errorText(result.error, t));
  }
}

function skipText(reason: SkipReason, t: Translate): string {
  switch (reason) {
    case 'disabled':
      return t('Mamba Complete is turned off.');
    case 'languageDisabled':
      return t('Suggestions are off in this language (mambaComplete.languages).');
    case 'manualTrigger':
      return t('Suggestions come only by command (mambaComplete.trigger).');
    case 'secretFile':
      return t('Files like this one may hold secrets and are never read.');
    case 'excludedFile':
      return t('Your settings or a .gitignore exclude this file.');
    case 'binaryText':
      return t('The file does not look like text.');
    case 'insideCharacter':
      return t('The cursor is inside a character.');
    case 'insideWord':
      return t('The cursor is inside a word.');
    case 'shortPrefix':
      return t('Too little stands before the cursor on its line (mambaComplete.minimumPrefix).');
    case 'insideComment':
      return t('The cursor is in a comment (mambaComplete.inComments).');
    case 'insideString':
      return t('The cursor is in a string (mambaComplete.inStrings).');
    case 'textAfterCursor':
      return t('Text other than closing brackets follows the cursor on its line.');
  }
}

function figureLines(result: CompletionResult, t: Translate): string[] {
  if (result.kind !== 'success' && result.kind !== 'empty') return [];
  const { figures } = result;
  if (figures === undefined) {
    return [t('Remembered from an earlier request; the model was not asked again.')];
  }
  const { prefillMs, decodeMs, totalMs, generatedTokens, reusedTokens, promptTokens } = figures;
  return [
    t(
      '{0} of {1} prompt tokens reused, going on from {2}.',
      reusedTokens,
      promptTokens,
      reuseText(figures.reuse, t),
    ),
    t(
      'Reading {0} ms, writing {1} tokens {2} ms, in all {3} ms.',
      Math.round(prefillMs),
      generatedTokens,
      Math.round(decodeMs),
      Math.round(totalMs),
    ),
  ];
}
