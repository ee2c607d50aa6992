import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createReferenceEngine } from '../../model-runtime/engines/reference/referenceEngine';
import {
  createWebgpuEngine,
  type WebgpuEngine,
} from '../../model-runtime/engines/webgpu/webgpuEngine';
import type { Engine } from '../../model-runtime/engines/engine';
import { Completer } from '../../model-runtime/generation/completer';
import type { TrackedDocument } from '../../model-runtime/state/documentStore';
import { allStates, drift, place } from '../support/documentPlaces';
import { codeFixtures } from '../support/editScripts';
import { SOFTWARE_GPU } from '../support/engines';
import { shippedTokenizer, SHIPPED_FORMAT, VOCAB_SIZE } from '../support/model';
import { randomModel, smallMamba2 } from '../support/randomModel';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Chunks that end elsewhere add up in another order, in f32. */
const LIMIT = 1e-4;
const NEVER = new AbortController().signal;
const LAYERS = 2;
const weights = randomModel(smallMamba2({ vocabSize: VOCAB_SIZE, nLayer: LAYERS }), 3);
const ids = ['a', 'b', 'c'];
const texts = codeFixtures().slice(0, ids.length);

let completer: Completer;

function open(engine: Engine): void {
  completer = new Completer(engine, shippedTokenizer(), SHIPPED_FORMAT, 2 ** 24);
  ids.forEach((documentId, i) => {
    completer.documents.open({
      kind: 'openDocument',
      documentId,
      version: 1,
      path: `${documentId}.ts`,
      text: texts[i],
      isComplete: true,
    });
  });
}

/** The cursor stands in the middle of the document. */
function warm(documentId: string, signal = NEVER) {
  const text = texts[ids.indexOf(documentId)];
  const at = place(text, text.length >> 1, 1, documentId);
  return completer.warm({ kind: 'warm', requestId: 1, ...at }, signal);
}

function tracked(documentId: string): TrackedDocument {
  const document = completer.documents.get(documentId);
  if (!document) throw new Error('The document is gone.');
  return document;
}

/** What is kept of a document equals a fresh read of it alone. */
async function expectFresh(engine: Engine, documentId: string): Promise<number> {
  const [state, fresh] = [engine.createState(), engine.createState()];
  const { texts, cursors } = allStates(tracked(documentId));
  for (const kept of [...texts, ...cursors]) {
    expect(await drift(engine, tracked(documentId), kept, state, fresh, LAYERS)).toBeLessThan(
      LIMIT,
    );
  }
  state.dispose();
  fresh.dispose();
  return texts.length + cursors.length;
}

describe('documents that are warmed at once', () => {
  let engine: WebgpuEngine;
  beforeAll(async () => {
    engine = await createWebgpuEngine(weights, SOFTWARE_GPU);
  });
  afterAll(() => engine.dispose());
  beforeEach(() => open(engine));
  afterEach(() => {
    completer.dispose();
    vi.restoreAllMocks();
  });

  it('are read in the same passes, to the states that each has alone', async () => {
    const together = vi.spyOn(engine, 'prefillMany');
    const alone = vi.spyOn(engine, 'prefill');
    const answers = await Promise.all(ids.map((id) => warm(id)));
    const lengths = together.mock.calls.map(([sequences]) => sequences.length);
    expect(Math.max(...lengths)).toBe(3);
    // Whoever has more to read goes on alone, in whole chunks.
    expect(lengths.length).toBeGreaterThan(alone.mock.calls.length);
    for (const [sequences] of together.mock.calls) {
      const tokens = sequences.reduce((sum, sequence) => sum + sequence.tokens.length, 0);
      expect(tokens).toBeLessThanOrEqual(SOFTWARE_GPU.maxChunkTokens);
    }
    for (const id of ids) expect(await expectFresh(engine, id)).toBeGreaterThan(1);
    const held = ids.map((id) => tracked(id).states.count);

    completer.documents.clearStates(undefined);
    together.mockClear();
    for (const [i, id] of ids.entries()) {
      expect(await warm(id)).toEqual(answers[i]);
      expect(tracked(id).states.count).toBe(held[i]);
    }
    expect(together).not.toHaveBeenCalled();
  });

  it('can be given up each, after the pass under way, and keep what was read', async () => {
    const abort = new AbortController();
    const reason = new Error('A key was pressed.');
    const original = engine.prefillMany.bind(engine);
    const together = vi.spyOn(engine, 'prefillMany').mockImplementation(async (sequences) => {
      const logits = await original(sequences);
      abort.abort(reason);
      return logits;
    });
    const outcomes = await Promise.allSettled([warm('a', abort.signal), warm('b')]);
    expect(outcomes).toMatchObject([
      { status: 'rejected', reason },
      { status: 'fulfilled', value: { kind: 'warmed' } },
    ]);
    expect(together).toHaveBeenCalledTimes(1);
    expect(await expectFresh(engine, 'a')).toBeGreaterThan(0);
    expect(await expectFresh(engine, 'b')).toBeGreaterThan(1);

    const both = await Promise.allSettled(ids.map((id) => warm(id, AbortSignal.abort(reason))));
    expect(both.map(({ status }) => status)).toEqual(ids.map(() => 'rejected'));
    expect(await warm('a')).toMatchObject({ kind: 'warmed' });
  });

  it('all fail when a pass does', async () => {
    vi.spyOn(engine, 'prefillMany').mockRejectedValue(new Error('It broke.'));
    const outcomes = await Promise.allSettled([warm('a'), warm('b')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});

it('are read one call after the other by an engine that reads one at a time', async () => {
  const engine = createReferenceEngine(weights);
  open(engine);
  let running = 0;
  const original = engine.prefill.bind(engine);
  vi.spyOn(engine, 'prefill').mockImplementation(async (...call) => {
    expect(++running).toBe(1);
    return original(...call).finally(() => running--);
  });
  await Promise.all(ids.map((id) => warm(id)));
  for (const id of ids) expect(await expectFresh(engine, id)).toBeGreaterThan(1);
  completer.dispose();
  await engine.dispose();
});
