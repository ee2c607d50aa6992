import { localContext } from '../completion/localContext';
import { postProcess, type Suggestion } from '../completion/postProcessing';
import { lineAround, type TextPosition, type TextSource } from '../completion/textSource';
import type { CompletionShape, CompletionText } from '../../model-runtime/protocol/messages';

/** One of several texts for the same place, shaped as it is inserted. */
export interface AlternativeText extends Suggestion {
  /** Of all that the model wrote for it. */
  meanLogProbability: number;
}

/** A place as it was when the texts for it were asked for: the document may change while the model writes. */
export interface AlternativesPlace {
  shape: CompletionShape;
  above: readonly string[];
  lineBefore: string;
  suffix: string;
  eol: '\n' | '\r\n';
  maxLines: number;
}

export function alternativesPlace(
  source: TextSource,
  position: TextPosition,
  maxLines: number,
): AlternativesPlace {
  const { prefix, suffix } = localContext(source, position);
  const { before, after } = lineAround(source, position);
  return {
    // In front of other text only the line is gone on with.
    shape: after.trim() === '' ? 'block' : 'line',
    above: prefix.split('\n').slice(0, -1),
    lineBefore: before,
    suffix,
    eol: source.eol,
    maxLines,
  };
}

/**
 * What a list shows of the model's texts: shaped like ghost text, so that nothing behind the cursor is doubled. Without those of
 * which nothing is left, and none twice.
 */
export function alternativeTexts(
  said: readonly Omit<CompletionText, 'tokens'>[],
  place: AlternativesPlace,
): AlternativeText[] {
  const texts = new Map<string, AlternativeText>();
  for (const { text, stopReason, meanLogProbability } of said) {
    const isFinished = stopReason !== 'maxTokens';
    const shaped = postProcess({ ...place, text, isFinished });
    if (shaped === undefined || texts.has(shaped.insertText)) continue;
    texts.set(shaped.insertText, { ...shaped, meanLogProbability });
  }
  return [...texts.values()];
}
