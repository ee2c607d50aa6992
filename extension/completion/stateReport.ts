import type { DocumentDescription } from '../../model-runtime/protocol/messages';

/** What the runtime keeps for a document, for people. Positions are counted from 1, as the editor shows them. */
export function describeState(
  documentId: string,
  document: DocumentDescription | undefined,
): string {
  if (document === undefined) {
    return `${documentId}\n\nThe model runtime has not read this document, or is not running.\n`;
  }
  const { version, path, lineCount, sizeCharacters, states, last } = document;
  const size = states.reduce((sum, state) => sum + state.sizeBytes, 0);
  const lines = [
    `${documentId}`,
    `Read as ${path}: version ${version}, ${lineCount} lines, ${sizeCharacters} characters.`,
    `${document.requests} requests, ${document.cursorHits} of them went on from the state at the cursor.`,
    `${states.length} states, ${megabytes(size)}; all documents ${megabytes(document.heldBytes)} of ${megabytes(document.budgetBytes)}.`,
    '',
    'kind    position       context from   tokens    size',
    ...states.map((state) =>
      [
        state.kind.padEnd(8),
        place(state.position).padEnd(15),
        place(state.contextStart).padEnd(15),
        String(state.tokens).padEnd(10),
        megabytes(state.sizeBytes),
      ].join(''),
    ),
    '',
    last === undefined
      ? 'No request yet.'
      : `Last request: ${last.tokensRead} of ${last.promptTokens} prompt tokens were read, from the state: ${last.reuse}.\nWhy: ${last.reason}.`,
  ];
  return `${lines.join('\n')}\n`;
}

function place({ line, character }: { line: number; character: number }): string {
  return `${line + 1}:${character + 1}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
