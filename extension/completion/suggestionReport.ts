import type { DocumentDescription } from '../../model-runtime/protocol/messages';
import type { CompletionResult } from './completionSession';

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
}

/** The last request for a suggestion, for people: whether it was shown and why, what it cost, what the model read and wrote. */
export function describeSuggestion(
  record: SuggestionRecord,
  document: DocumentDescription | undefined,
): string {
  const { documentId, line, character, isExplicit, result, elapsedMs } = record;
  const lines = [
    `${documentId}:${line + 1}:${character + 1}`,
    `Asked for ${isExplicit ? 'by command' : 'while typing'}; answered after ${Math.round(elapsedMs)} ms.`,
    '',
    '## Shown?',
    verdict(result),
    ...figureLines(result),
  ];
  const last = document?.last;
  if (last === undefined) {
    lines.push('', 'The model runtime has no request of this document, or is not running.');
    return `${lines.join('\n')}\n`;
  }
  lines.push(
    '',
    '## What the model read last in this document',
    `${last.tokensRead} of ${last.promptTokens} prompt tokens were replayed, the rest was reused from the state: ${last.reuse}.`,
    `Why: ${last.reason}.`,
  );
  if (last.generated !== undefined) {
    lines.push('', '## What it wrote', 'probability  log        token');
    for (const { text, logProbability } of last.generated) {
      const percent = `${(Math.exp(logProbability) * 100).toFixed(1)} %`;
      lines.push(
        `${percent.padStart(8)}     ${logProbability.toFixed(3).padEnd(9)}  ${JSON.stringify(text)}`,
      );
    }
  }
  lines.push('', '## The exact prompt', last.prompt);
  return `${lines.join('\n')}\n`;
}

function verdict(result: CompletionResult): string {
  switch (result.kind) {
    case 'success':
      return `Yes: ${JSON.stringify(result.suggestion.insertText)}`;
    case 'empty':
      return 'No: the model wrote nothing, or nothing that does not stand there already.';
    case 'canceled':
      return 'No: it was overtaken by another keystroke or request.';
    case 'skipped':
      return `No: it was not asked for (${result.reason}).`;
    case 'failed':
      return `No: it failed (${result.error.code}). ${result.error.message}`;
  }
}

function figureLines(result: CompletionResult): string[] {
  if (result.kind !== 'success' && result.kind !== 'empty') return [];
  const { figures } = result;
  if (figures === undefined) {
    return ['Remembered from an earlier request; the model was not asked again.'];
  }
  const { prefillMs, decodeMs, totalMs, generatedTokens } = figures;
  const reused = `${figures.reusedTokens} of ${figures.promptTokens} prompt tokens reused (${figures.reuse})`;
  return [
    `${reused}; reading ${Math.round(prefillMs)} ms, writing ${generatedTokens} tokens ${Math.round(decodeMs)} ms, in all ${Math.round(totalMs)} ms.`,
  ];
}
