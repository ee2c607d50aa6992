import { expect } from 'vitest';
import type { Engine, RecurrentState, StateSnapshot } from '../../model-runtime/engines/engine';
import { headerTokens, textTokens } from '../../model-runtime/generation/prompt';
import type { CompleteRequest } from '../../model-runtime/protocol/messages';
import type { CursorState, TextState } from '../../model-runtime/state/documentStates';
import type { TrackedDocument } from '../../model-runtime/state/documentStore';
import type { RelatedRoot } from '../../model-runtime/state/relatedFiles';
import { relativeL2 } from './compare';
import { positionAt } from './editScripts';
import { shippedTokenizer, SHIPPED_FORMAT } from './model';

const tokenizer = shippedTokenizer();
/** Characters of context that the requests of the laws ask for: few, so that contexts start within short files. */
const CONTEXT = 400;

export function place(text: string, offset: number, version: number, documentId = 'd') {
  return {
    documentId,
    version,
    lineCount: text.split('\n').length,
    position: positionAt(text, offset),
    contextCharacters: CONTEXT,
  };
}

export const request = (at: ReturnType<typeof place>): CompleteRequest => ({
  kind: 'complete',
  requestId: 1,
  ...at,
  maxReadTokens: 64,
  shape: 'line',
  maxTokens: 1,
  maxLines: 1,
  temperature: 0,
  topP: 1,
});

export function allStates(document: TrackedDocument): {
  texts: TextState[];
  cursors: CursorState[];
} {
  const texts: TextState[] = [];
  const cursors: CursorState[] = [];
  document.states.nearestText(document.text.end(), (state) => {
    texts.push(state);
    return false;
  });
  document.states.dropCursors((state) => {
    cursors.push(state);
    return false;
  });
  return { texts, cursors };
}

/** How far a kept state is from one that reads the same text afresh: the largest relative L2 of a layer's conv or ssm state. */
export async function drift(
  engine: Engine,
  document: TrackedDocument,
  kept: TextState | CursorState,
  state: RecurrentState,
  fresh: RecurrentState,
  layers: number,
): Promise<number> {
  const { text, path } = document;
  const tail = 'tail' in kept ? [...kept.tail] : [];
  const plain = textTokens(text, kept.contextStart, kept.at, tokenizer).flatMap(({ tokens }) => [
    ...tokens,
  ]);
  const related = kept.root?.tokens ?? [];
  const header = headerTokens(path, tokenizer, SHIPPED_FORMAT, kept.root !== undefined);
  const tokens = Int32Array.of(...related, ...header, ...plain, ...tail);
  expect(tokens.length).toBe(kept.tokens);
  return driftFrom(engine, tokens, kept.snapshot, state, fresh, layers);
}

/** As `drift`, of what has been read of the files that are related to a document. */
export async function rootDrift(
  engine: Engine,
  { tokens, tokensRead, snapshot }: RelatedRoot,
  state: RecurrentState,
  fresh: RecurrentState,
  layers: number,
): Promise<number> {
  if (!snapshot) return 0;
  return driftFrom(engine, tokens.subarray(0, tokensRead), snapshot, state, fresh, layers);
}

async function driftFrom(
  engine: Engine,
  tokens: Int32Array,
  snapshot: StateSnapshot,
  state: RecurrentState,
  fresh: RecurrentState,
  layers: number,
): Promise<number> {
  fresh.reset();
  const { maxChunkTokens } = engine.info;
  for (let i = 0; i < tokens.length; i += maxChunkTokens) {
    await engine.prefill(tokens.subarray(i, i + maxChunkTokens), fresh);
  }
  state.restore(snapshot);
  let largest = 0;
  for (let layer = 0; layer < layers; layer++) {
    const [actual, expected] = [await state.exportLayer(layer), await fresh.exportLayer(layer)];
    largest = Math.max(
      largest,
      relativeL2(actual.ssm, expected.ssm),
      relativeL2(actual.conv, expected.conv),
    );
  }
  return largest;
}
