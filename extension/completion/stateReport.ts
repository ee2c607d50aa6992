import type { DocumentDescription, KeptState } from '../../model-runtime/protocol/messages';
import type { Translate } from '../common/translate';
import { reasonText, reuseText } from './readingText';

/** What the runtime keeps for a document, for people. Positions are counted from 1, as the editor shows them. */
export function describeState(
  documentId: string,
  document: DocumentDescription | undefined,
  t: Translate,
): string {
  if (document === undefined) {
    const text = t('The model runtime has not read this document, or is not running.');
    return `${documentId}\n\n${text}\n`;
  }
  const { version, path, lineCount, sizeCharacters, states, related, last } = document;
  const { requests, cursorHits, heldBytes, budgetBytes } = document;
  const size = states.reduce((sum, state) => sum + state.sizeBytes, 0);
  const lines = [
    documentId,
    t(
      'Read as {0}: version {1}, {2} lines, {3} characters.',
      path,
      version,
      lineCount,
      sizeCharacters,
    ),
    t('{0} requests, {1} of them went on from the state at the cursor.', requests, cursorHits),
    t(
      '{0} states, {1}; all documents {2} of {3}.',
      states.length,
      megabytes(size),
      megabytes(heldBytes),
      megabytes(budgetBytes),
    ),
    '',
    row([t('kind'), t('position'), t('context from'), t('tokens'), t('size')]),
    ...states.map((state) =>
      row([
        kindText(state.kind, t),
        place(state.position),
        place(state.contextStart),
        String(state.tokens),
        megabytes(state.sizeBytes),
      ]),
    ),
    ...(related === undefined ? [] : relatedLines(related, t)),
    '',
    ...(last === undefined
      ? [t('No request yet.')]
      : [
          t(
            'Last request: {0} of {1} prompt tokens were read, going on from {2}.',
            last.tokensRead,
            last.promptTokens,
            reuseText(last.reuse, t),
          ),
          t('Why: {0}.', reasonText(last.reason, t)),
        ]),
  ];
  return `${lines.join('\n')}\n`;
}

function kindText(kind: KeptState['kind'], t: Translate): string {
  switch (kind) {
    case 'text':
      return t('text');
    case 'view':
      return t('in view');
    case 'cursor':
      return t('cursor');
  }
}

function relatedLines(
  { files, tokensRead, sizeBytes }: NonNullable<DocumentDescription['related']>,
  t: Translate,
): string[] {
  return [
    '',
    t(
      'Related files, read before the text: {0} tokens in the kept state, {1}.',
      tokensRead,
      megabytes(sizeBytes),
    ),
    ...files.map(({ path, tokens }) => t('{0}: {1} tokens', path, tokens)),
  ];
}

function row(cells: readonly string[]): string {
  return cells
    .map((cell) => cell.padEnd(15))
    .join('')
    .trimEnd();
}

function place({ line, character }: { line: number; character: number }): string {
  return `${line + 1}:${character + 1}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
