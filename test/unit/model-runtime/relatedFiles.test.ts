import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine, RecurrentState } from '../../../model-runtime/engines/engine';
import { createReferenceEngine } from '../../../model-runtime/engines/reference/referenceEngine';
import { Completer } from '../../../model-runtime/generation/completer';
import { relatedRoot } from '../../../model-runtime/generation/relatedRoot';
import { allStates, drift, place, request, rootDrift } from '../../support/documentPlaces';
import { applyToString, codeFixtures, randomEdit, toChange } from '../../support/editScripts';
import { shippedTokenizer, SHIPPED_FORMAT, VOCAB_SIZE } from '../../support/model';
import { createRandom } from '../../support/random';
import { randomModel, smallMamba2 } from '../../support/randomModel';
import { watched } from '../../support/watchedEngine';

const tokenizer = shippedTokenizer();
const NEVER = new AbortController().signal;
const SCRIPTS = 8;
const STEPS = 60;

const files = (...texts: string[]) => texts.map((text, i) => ({ path: `src/other${i}.ts`, text }));

describe('the files read before a document', () => {
  const encoded = (text: string) => [...tokenizer.encode(text)];
  const separator = SHIPPED_FORMAT.path ?? -1;

  it('are separated as the model was trained, and all named', () => {
    const root = relatedRoot(
      { files: files('const a = 1;\n', 'const b = 2;\n'), mostTokens: 100 },
      tokenizer,
      SHIPPED_FORMAT,
      0,
    );
    const first = [separator, ...encoded('src/other0.ts\n'), ...encoded('const a = 1;\n')];
    const second = [separator, ...encoded('src/other1.ts\n'), ...encoded('const b = 2;\n')];
    expect([...(root?.tokens ?? [])]).toEqual([...first, ...second]);
    expect(root?.files).toEqual([
      { path: 'src/other0.ts', tokens: first.length },
      { path: 'src/other1.ts', tokens: second.length },
    ]);
  });

  it('never take more tokens than they may; the last one comes first, and whole lines are read', () => {
    const [one, two] = codeFixtures();
    for (const mostTokens of [1, 10, 40, 200, 333, 2000]) {
      const root = relatedRoot(
        { files: files(one, two), mostTokens },
        tokenizer,
        SHIPPED_FORMAT,
        0,
      );
      expect(root?.tokens.length ?? 0).toBeLessThanOrEqual(mostTokens);
      if (!root) continue;
      expect(root.files.at(-1)?.path).toBe('src/other1.ts');
      const read = tokenizer.decode([...root.tokens]);
      const last = read.slice(read.indexOf('src/other1.ts\n') + 'src/other1.ts\n'.length);
      expect(two.startsWith(last)).toBe(true);
      expect(last === two || last.endsWith('\n')).toBe(true);
    }
    expect(relatedRoot({ files: files(one), mostTokens: 3 }, tokenizer, SHIPPED_FORMAT, 0)).toBe(
      undefined,
    );
  });

  it('are none for a model whose prompt does not tell files apart', () => {
    const format = { ...SHIPPED_FORMAT, path: undefined };
    expect(
      relatedRoot({ files: files('const a = 1;\n'), mostTokens: 100 }, tokenizer, format, 0),
    ).toBeUndefined();
  });

  it('come after what every prompt begins with, which is not read again behind them', () => {
    const format = { ...SHIPPED_FORMAT, start: [0] };
    const root = relatedRoot({ files: files('a\n'), mostTokens: 100 }, tokenizer, format, 0);
    expect(root?.tokens.subarray(0, 2)).toEqual(Int32Array.of(0, separator));
  });

  it('leave the document’s own context its room in what is of use to the model', () => {
    const format = { ...SHIPPED_FORMAT, mostContextCharacters: 900 };
    const all = { files: files(codeFixtures().join('\n')), mostTokens: 1000 };
    const tokens = (contextCharacters: number) =>
      relatedRoot(all, tokenizer, format, contextCharacters)?.tokens.length ?? 0;
    expect(tokens(0)).toBeGreaterThan(200);
    expect(tokens(0)).toBeLessThanOrEqual(300);
    expect(tokens(600)).toBeGreaterThan(50);
    expect(tokens(600)).toBeLessThanOrEqual(100);
    expect(tokens(900)).toBe(0);
  });
});

describe('states after related files', { timeout: 300_000 }, () => {
  let engine: ReturnType<typeof watched>;
  let state: RecurrentState;
  let fresh: RecurrentState;
  beforeAll(() => {
    const sizes = { dModel: 8, dInner: 16, headDim: 8, nHeads: 2, nGroups: 1, nLayer: 2 };
    const config = smallMamba2({ vocabSize: VOCAB_SIZE, ...sizes });
    engine = watched(createReferenceEngine(randomModel(config, 3)));
    state = engine.createState();
    fresh = engine.createState();
  });

  const TEXT = codeFixtures().join('\n');

  function open(budgetBytes = 100 * state.sizeBytes, runs: Engine = engine) {
    const subject = new Completer(runs, tokenizer, SHIPPED_FORMAT, budgetBytes);
    const { documents } = subject;
    let text = TEXT;
    let version = 1;
    const send = () =>
      documents.open({
        ...{ kind: 'openDocument', documentId: 'd', path: 'a.ts', isComplete: true },
        version,
        text,
      });
    send();
    return {
      subject,
      send,
      relate: (texts: string[], mostTokens = 300) =>
        documents.related.ask({
          kind: 'relateFiles',
          documentId: 'd',
          files: files(...texts),
          mostTokens,
        }),
      edit: (edit: { start: number; end: number; text: string }) => {
        const change = toChange(text, edit);
        text = applyToString(text, edit);
        const fromVersion = version++;
        documents.change({
          ...{ kind: 'changeDocument', documentId: 'd', changes: [change] },
          fromVersion,
          version,
        });
      },
      text: () => text,
      warm: async (offset: number, signal = NEVER) => {
        const at = place(text, offset, version);
        return (await subject.warm({ kind: 'warm', requestId: 1, ...at }, signal))?.prefilledTokens;
      },
      key: async (offset: number) => {
        const figures = (await subject.complete(request(place(text, offset, version)), NEVER))
          ?.figures;
        return figures && figures.promptTokens - figures.reusedTokens;
      },
      root: () => documents.related.rootOf('d'),
      document: () => {
        const document = documents.get('d');
        if (!document) throw new Error('the document is gone');
        return document;
      },
    };
  }

  it('equal those of a fresh read after any edits and any change of the files, within the budget, with nothing left behind', async () => {
    const random = createRandom(21);
    const fixtures = codeFixtures();
    const budget = state.sizeBytes * 5;
    const anyFiles = () => fixtures.filter(() => random() < 0.4).map((text) => text.slice(0, 900));
    for (let script = 0; script < SCRIPTS; script++) {
      const before = engine.live.size;
      const { subject, relate, edit, text, warm, key, root, document, send } = open(budget);
      for (let step = 0; step < STEPS; step++) {
        if (random() < 0.2) relate(anyFiles(), Math.floor(random() * 400));
        const near = Math.floor(random() * text().length);
        expect(await (random() < 0.4 ? warm : key)(near)).toBeDefined();
        expect(subject.documents.sizeBytes).toBeLessThanOrEqual(budget);
        const after = root()?.snapshot ? 1 : 0;
        expect(engine.live.size - before).toBe(document().states.count + after);
        if (random() < 0.05) send();
        else edit(randomEdit(text(), random));
        const { texts, cursors } = allStates(document());
        const kept = [...texts, ...cursors];
        const one = Math.floor(random() * kept.length);
        for (const each of kept.slice(one, one + 1))
          expect(await drift(engine, document(), each, state, fresh, 2)).toBeLessThan(1e-9);
        const current = root();
        if (current) {
          expect(await rootDrift(engine, current, state, fresh, 2)).toBeLessThan(1e-9);
        }
      }
      subject.dispose();
      expect(engine.live.size).toBe(before);
    }
  });

  it('are read once, and cost no key anything, also when the files change', async () => {
    const [one, two] = codeFixtures();
    const { subject, relate, edit, warm, key, root, document } = open();
    const offset = TEXT.lastIndexOf('\n', TEXT.length / 2) + 1;
    await warm(offset);
    const plain = document().states.count;
    expect(plain).toBeGreaterThan(0);
    relate([one]);
    // Nothing of it before background reading.
    expect(await key(offset)).toBeLessThanOrEqual(3);
    expect(root()).toBeUndefined();
    const first = (await warm(offset)) ?? 0;
    const length = root()?.tokens.length ?? 0;
    expect(length).toBeGreaterThan(100);
    expect(first).toBeGreaterThan(length);
    expect(await warm(offset)).toBeLessThanOrEqual(3);
    // The same again is no change.
    relate([one]);
    expect(await warm(offset)).toBeLessThanOrEqual(3);
    // Elsewhere the root is there already.
    const elsewhere = (await warm(TEXT.indexOf('\n', TEXT.length / 4) + 1)) ?? 0;
    expect(elsewhere).toBeGreaterThan(0);
    expect(elsewhere).toBeLessThan(first - length + 200);
    await warm(offset);
    for (const [i, character] of [...'const total = 1;'].entries()) {
      relate([one, two.slice(0, 500 + i)]);
      edit({ start: offset + i, end: offset + i, text: character });
      expect(await key(offset + i + 1)).toBeLessThanOrEqual(3);
      expect(document().last?.prompt()).toContain('src/other0.ts\n');
      expect(document().last?.prompt()).not.toContain('src/other1.ts\n');
    }
    await warm(offset);
    expect(await key(offset)).toBeLessThanOrEqual(3);
    expect(document().last?.prompt()).toContain('src/other1.ts\n');
    relate([]);
    await warm(offset);
    expect(root()).toBeUndefined();
    await key(offset);
    expect(document().last?.prompt().startsWith('<|file_sep|>a.ts\n')).toBe(true);
    subject.dispose();
  });

  it('go on from where reading the files was interrupted', async () => {
    const running = new AbortController();
    const interrupted: Engine = {
      ...engine,
      prefill: (tokens, at, options) => {
        if (tokenizer.decode([...tokens]).includes('src/other0.ts')) {
          // A message is let in after each chunk.
          setImmediate(() => running.abort(new Error('a key')));
        }
        return engine.prefill(tokens, at, options);
      },
    };
    const { subject, relate, warm, key, root, document } = open(undefined, interrupted);
    relate([TEXT], 3 * engine.info.maxChunkTokens);
    const length = 3 * engine.info.maxChunkTokens - 100;
    const reading = warm(100, running.signal);
    await expect(reading).rejects.toThrow('a key');
    const read = root()?.tokensRead ?? 0;
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(length);
    // A key does not wait for the rest.
    await key(100);
    expect(document().last?.prompt()).not.toContain('src/other0.ts');
    expect(root()?.tokensRead).toBe(read);
    await warm(100);
    expect(root()?.tokensRead).toBe(root()?.tokens.length);
    const current = root();
    expect(current && (await rootDrift(engine, current, state, fresh, 2))).toBeLessThan(1e-9);
    const { texts } = allStates(document());
    expect(texts.some((each) => each.root === current)).toBe(true);
    subject.dispose();
  });

  it('are described with their tokens and sizes', async () => {
    const { subject, relate, warm } = open();
    expect(subject.describe('d')?.related).toBeUndefined();
    relate(codeFixtures().slice(0, 2));
    await warm(100);
    const { files: named = [], ...kept } = subject.describe('d')?.related ?? {};
    expect(named.map(({ path }) => path).at(-1)).toBe('src/other1.ts');
    const tokens = named.reduce((sum, file) => sum + file.tokens, 0);
    expect(kept).toEqual({ tokensRead: tokens, sizeBytes: state.sizeBytes });
    const described = subject.describe('d');
    const held = described?.states.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) ?? 0;
    expect(described?.heldBytes).toBe(held + state.sizeBytes);
    expect(subject.describeMemory()[0]?.sizeBytes).toBe(held + state.sizeBytes);
    subject.documents.clearStates(undefined);
    expect(subject.documents.sizeBytes).toBe(0);
    subject.dispose();
  });
});
