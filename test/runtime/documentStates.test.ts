import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCpuEngine } from '../../model-runtime/engines/cpu/cpuEngine';
import type { Engine } from '../../model-runtime/engines/engine';
import { Completer } from '../../model-runtime/generation/completer';
import { loadModel } from '../../model-runtime/model/loadModel';
import { PROGRAM_FOLDER } from '../support/cpuProgram';
import { allStates, drift, place, request, rootDrift } from '../support/documentPlaces';
import { applyToString, codeFixtures, randomEdit, toChange } from '../support/editScripts';
import { MODEL_FOLDER, shippedTokenizer, SHIPPED_FORMAT } from '../support/model';
import { createRandom } from '../support/random';

const STEPS = 40;
const BUDGET_BYTES = 200 * 2 ** 20;
/** Chunks that end elsewhere add up in another order, in f32. */
const LIMIT = 1e-3;
const NEVER = new AbortController().signal;

let engine: Engine;
let layers: number;
beforeAll(async () => {
  const { weights } = await loadModel(MODEL_FOLDER);
  layers = weights.config.nLayer;
  engine = await createCpuEngine(weights, { threads: 2, programFolder: PROGRAM_FOLDER });
}, 120_000);
afterAll(() => engine.dispose());

it('keeps states of the shipped model that equal a fresh read after any edits', async () => {
  const random = createRandom(5);
  const completer = new Completer(engine, shippedTokenizer(), SHIPPED_FORMAT, BUDGET_BYTES);
  const state = engine.createState();
  const fresh = engine.createState();
  let [text] = codeFixtures();
  let version = 1;
  completer.documents.open({
    kind: 'openDocument',
    documentId: 'd',
    version,
    path: 'a.ts',
    text,
    isComplete: true,
  });
  for (let step = 0; step < STEPS; step++) {
    if (step % 10 === 5) {
      const other =
        codeFixtures()
          .at(-1)
          ?.slice(0, 600 + step) ?? '';
      completer.documents.related.ask({
        kind: 'relateFiles',
        documentId: 'd',
        files: [{ path: 'b.ts', text: other }],
        mostTokens: 200,
      });
    }
    const at = place(text, Math.floor(random() * text.length), version);
    const answer =
      step % 3 === 0
        ? await completer.warm({ kind: 'warm', requestId: 1, ...at }, NEVER)
        : await completer.complete(request(at), NEVER);
    expect(answer).toBeDefined();
    const edit = randomEdit(text, random);
    const change = toChange(text, edit);
    text = applyToString(text, edit);
    const fromVersion = version++;
    completer.documents.change({
      kind: 'changeDocument',
      documentId: 'd',
      fromVersion,
      version,
      changes: [change],
    });
    expect(completer.documents.sizeBytes).toBeLessThanOrEqual(BUDGET_BYTES);
    const document = completer.documents.get('d');
    if (!document) throw new Error('the document is gone');
    const { texts, cursors } = allStates(document);
    const kept = [...texts, ...cursors];
    const one = Math.floor(random() * kept.length);
    for (const each of kept.slice(one, one + 1)) {
      expect(await drift(engine, document, each, state, fresh, layers)).toBeLessThan(LIMIT);
    }
    const root = completer.documents.related.rootOf('d');
    if (root) expect(await rootDrift(engine, root, state, fresh, layers)).toBeLessThan(LIMIT);
  }
  completer.dispose();
}, 300_000);

it('comes back to more documents than the budget holds in 32 bits, without reading them again', async () => {
  const documents = 12;
  // Two states for each of seven documents.
  const budget = 7 * 2 * engine.info.stateSizeBytes;
  const completer = new Completer(engine, shippedTokenizer(), SHIPPED_FORMAT, budget);
  const texts = codeFixtures();
  const ids = Array.from({ length: documents }, (_, i) => `d${i}`);
  const ask = async (documentId: string, i: number) => {
    const text = texts[i % texts.length];
    return completer.complete(request(place(text, text.length >> 1, 1, documentId)), NEVER);
  };
  const state = engine.createState();
  const fresh = engine.createState();
  for (const [i, documentId] of ids.entries()) {
    const text = texts[i % texts.length];
    completer.documents.open({
      ...{ kind: 'openDocument', documentId, version: 1, path: 'a.ts', text, isComplete: true },
    });
    await ask(documentId, i);
    expect(completer.documents.sizeBytes).toBeLessThanOrEqual(budget);
  }
  for (const [i, documentId] of ids.entries()) {
    const answer = await ask(documentId, i);
    expect(answer?.figures.reuse).toBe('cursor');
    const document = completer.documents.get(documentId);
    const each = document && allStates(document).cursors.at(-1);
    if (!each) throw new Error('nothing is kept');
    expect(await drift(engine, document, each, state, fresh, layers)).toBeLessThan(LIMIT);
  }
  completer.dispose();
}, 300_000);

it('frees the states of the shipped model in a thousand openings and closings', async () => {
  const completer = new Completer(engine, shippedTokenizer(), SHIPPED_FORMAT, BUDGET_BYTES);
  const [text] = codeFixtures();
  const open = (documentId: string) => {
    completer.documents.open({
      kind: 'openDocument',
      documentId,
      version: 1,
      path: 'a.ts',
      text,
      isComplete: true,
    });
  };
  const cycle = async (count: number) => {
    for (let i = 0; i < count; i++) {
      open(`d${i}`);
      if (i % 25 === 0) await completer.complete(request(place(text, 60, 1, `d${i}`)), NEVER);
      completer.documents.close(`d${i}`);
    }
  };
  await cycle(50);
  const before = process.memoryUsage().rss;
  await cycle(1000);
  expect(completer.documents.sizeBytes).toBe(0);
  // One state more for every twentieth request would be 32 MB.
  expect(process.memoryUsage().rss - before).toBeLessThan(24 * 2 ** 20);
  completer.dispose();
}, 300_000);
