import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine, RecurrentState } from '../../../model-runtime/engines/engine';
import { createReferenceEngine } from '../../../model-runtime/engines/reference/referenceEngine';
import { Completer } from '../../../model-runtime/generation/completer';
import { allStates, drift, place, request } from '../../support/documentPlaces';
import {
  applyToString,
  codeFixtures,
  positionAt,
  randomEdit,
  toChange,
} from '../../support/editScripts';
import { shippedTokenizer, SHIPPED_FORMAT, VOCAB_SIZE } from '../../support/model';
import { createRandom } from '../../support/random';
import { randomModel, smallMamba2 } from '../../support/randomModel';
import { watched } from '../../support/watchedEngine';

const tokenizer = shippedTokenizer();
const NEVER = new AbortController().signal;
/** Edit scripts over real files, each of so many steps: 10,000 in all. */
const SCRIPTS = 100;
const STEPS = 100;

describe('a document’s states', { timeout: 900_000 }, () => {
  let engine: ReturnType<typeof watched>;
  let state: RecurrentState;
  let fresh: RecurrentState;
  beforeAll(() => {
    const config = smallMamba2({
      vocabSize: VOCAB_SIZE,
      dModel: 8,
      dInner: 16,
      headDim: 8,
      nHeads: 2,
      nGroups: 1,
      nLayer: 2,
    });
    engine = watched(createReferenceEngine(randomModel(config, 3)));
    state = engine.createState();
    fresh = engine.createState();
  });

  const completer = (budgetBytes: number) =>
    new Completer(engine, tokenizer, SHIPPED_FORMAT, budgetBytes);

  it('equal those of a fresh read after any edits, within the budget, with nothing left behind', async () => {
    const random = createRandom(11);
    const fixtures = codeFixtures();
    for (let script = 0; script < SCRIPTS; script++) {
      // What is in view is read only where there is room for it.
      const budget = state.sizeBytes * (script % 2 === 0 ? 7 : 20);
      const subject = completer(budget);
      const before = engine.live.size;
      let text = fixtures[script % fixtures.length];
      let version = 1;
      const someView = () => {
        const { line } = positionAt(text, Math.floor(random() * text.length));
        return { firstLine: line, lastLine: line + Math.floor(random() * 60) };
      };
      subject.documents.open({
        kind: 'openDocument',
        documentId: 'd',
        version,
        path: 'a.ts',
        text,
        isComplete: true,
      });
      for (let step = 0; step < STEPS; step++) {
        const near = Math.floor(random() * text.length);
        const at = place(text, near, version);
        const answer =
          random() < 0.4
            ? await subject.warm({ kind: 'warm', requestId: 1, ...at, view: someView() }, NEVER)
            : await subject.complete(request(at), NEVER);
        expect(answer).toBeDefined();
        const document = subject.documents.get('d');
        if (!document) throw new Error('the document is gone');
        expect(subject.documents.sizeBytes).toBeLessThanOrEqual(budget);
        expect(engine.live.size).toBe(document.states.count);
        const changes = Array.from({ length: 1 + Math.floor(random() * 3) }, () => {
          const edit = randomEdit(text, random);
          const change = toChange(text, edit);
          text = applyToString(text, edit);
          return change;
        });
        subject.documents.change({
          kind: 'changeDocument',
          documentId: 'd',
          fromVersion: version,
          version: version + 1,
          changes,
        });
        version++;
        const { texts, cursors } = allStates(document);
        const kept = [...texts, ...cursors];
        // One of them is enough until the last step, and takes a tenth of the time.
        const one = Math.floor(random() * kept.length);
        const checked = step === STEPS - 1 ? kept : kept.slice(one, one + 1);
        for (const each of checked)
          expect(await drift(engine, document, each, state, fresh, 2)).toBeLessThan(1e-9);
      }
      subject.dispose();
      expect(engine.live.size).toBe(before);
    }
  });

  it('are all freed by a thousand openings and closings', async () => {
    const subject = completer(state.sizeBytes * 30);
    const [text] = codeFixtures();
    for (let i = 0; i < 1000; i++) {
      subject.documents.open({
        kind: 'openDocument',
        documentId: `d${i}`,
        version: 1,
        path: 'a.ts',
        text,
        isComplete: true,
      });
      if (i % 20 === 0) await subject.complete(request(place(text, 100, 1, `d${i}`)), NEVER);
      subject.documents.close(`d${i}`);
    }
    expect(subject.documents.documentCount).toBe(0);
    expect(subject.documents.sizeBytes).toBe(0);
    expect(engine.live.size).toBe(0);
    subject.dispose();
  });

  it('cost at most 3 steps for each typed character, and are as many in a long document as in a short one, whatever is computed ahead', async () => {
    const typed = 'const total = sum(values) + requestAnimationFrame;';
    for (const copies of [1, 40]) {
      const subject = completer(state.sizeBytes * 100);
      let text = codeFixtures().join('\n').repeat(copies);
      const offset = text.lastIndexOf('\n', text.length / 2) + 1;
      text = text.slice(0, offset) + '\n' + text.slice(offset);
      let version = 1;
      subject.documents.open({
        kind: 'openDocument',
        documentId: 'd',
        version,
        path: 'a.ts',
        text,
        isComplete: true,
      });
      await subject.warm({ kind: 'warm', requestId: 1, ...place(text, offset, version) }, NEVER);
      const steps: number[] = [];
      for (const [i, character] of [...typed].entries()) {
        const edit = { start: offset + i, end: offset + i, text: character };
        const change = toChange(text, edit);
        text = applyToString(text, edit);
        subject.documents.change({
          kind: 'changeDocument',
          documentId: 'd',
          fromVersion: version,
          version: ++version,
          changes: [change],
        });
        const at = place(text, offset + i + 1, version);
        const answer = await subject.complete(request(at), NEVER);
        if (!answer) throw new Error('resync');
        const guess = 'alpha(beta, gamma) {\n  delta();\n}\n'.repeat(1 + (i % 6));
        const insertion = { start: at.position, text: guess };
        await subject.complete({ ...request(at), insertion, isAhead: true }, NEVER);
        steps.push(answer.figures.promptTokens - answer.figures.reusedTokens);
      }
      expect(Math.max(...steps)).toBeLessThanOrEqual(3);
      expect(subject.documents.get('d')?.states.count).toBeLessThanOrEqual(10);
      subject.dispose();
    }
  });

  it('are ready for the first key before the whole context has been read', async () => {
    const abort = new AbortController();
    let tokensRead = 0;
    const interrupted: Engine = {
      ...engine,
      prefill: (tokens, at, options) => {
        tokensRead += tokens.length;
        // More than the first key needs, less than the context has.
        if (tokensRead > 320) abort.abort();
        return engine.prefill(tokens, at, options);
      },
    };
    const subject = new Completer(interrupted, tokenizer, SHIPPED_FORMAT, state.sizeBytes * 100);
    const text = codeFixtures().join('\n');
    subject.documents.open({
      kind: 'openDocument',
      documentId: 'd',
      version: 1,
      path: 'a.ts',
      text,
      isComplete: true,
    });
    const at = { ...place(text, text.length * 0.6, 1), contextCharacters: 6000 };
    const warming = subject.warm({ kind: 'warm', requestId: 1, ...at }, abort.signal);
    await expect(warming).rejects.toThrow('aborted');
    const answer = await subject.complete(request(at), NEVER);
    const figures = answer?.figures;
    expect((figures?.promptTokens ?? 0) - (figures?.reusedTokens ?? 0)).toBeLessThanOrEqual(3);
    subject.dispose();
  });

  it('have what was being read for the first key when it comes in the middle of a chunk', async () => {
    const abort = new AbortController();
    const interrupted: Engine = {
      ...engine,
      prefill: async (tokens, at, options) => {
        abort.abort();
        options?.signal?.throwIfAborted();
        return engine.prefill(tokens, at, options);
      },
    };
    const text = codeFixtures().join('\n');
    const read = async (subject: Completer) => {
      const answer = await subject.complete(request(at), NEVER);
      return (answer?.figures.promptTokens ?? 0) - (answer?.figures.reusedTokens ?? 0);
    };
    const open = (subject: Completer) =>
      subject.documents.open({
        kind: 'openDocument',
        documentId: 'd',
        version: 1,
        path: 'a.ts',
        text,
        isComplete: true,
      });
    const at = place(text, text.length * 0.6, 1);
    const unprepared = completer(state.sizeBytes * 100);
    open(unprepared);
    const subject = new Completer(interrupted, tokenizer, SHIPPED_FORMAT, state.sizeBytes * 100);
    open(subject);
    const warming = subject.warm({ kind: 'warm', requestId: 1, ...at }, abort.signal);
    await expect(warming).rejects.toThrow('aborted');
    expect(await read(subject)).toBeLessThan((await read(unprepared)) - 30);
    subject.dispose();
    unprepared.dispose();
  });

  it('read a window of bounded length after a jump into text that has no state near by', async () => {
    const subject = completer(state.sizeBytes * 100);
    const text = codeFixtures().join('\n').repeat(10);
    subject.documents.open({
      kind: 'openDocument',
      documentId: 'd',
      version: 1,
      path: 'a.ts',
      text,
      isComplete: true,
    });
    for (const share of [0.9, 0.5, 0.2]) {
      const at = place(text, Math.floor(text.length * share), 1);
      const answer = await subject.complete({ ...request(at), maxReadTokens: 128 }, NEVER);
      const figures = answer?.figures;
      expect((figures?.promptTokens ?? 0) - (figures?.reusedTokens ?? 0)).toBeLessThanOrEqual(450);
    }
    subject.dispose();
  });

  it('answer a request for another version with nothing', async () => {
    const subject = completer(state.sizeBytes * 10);
    const text = 'a\nb';
    subject.documents.open({
      kind: 'openDocument',
      documentId: 'd',
      version: 1,
      path: 'a.ts',
      text,
      isComplete: true,
    });
    expect(await subject.complete(request(place(text, 0, 2)), NEVER)).toBeUndefined();
    expect(await subject.complete(request(place('a', 0, 1)), NEVER)).toBeUndefined();
    const gap = {
      kind: 'changeDocument' as const,
      documentId: 'd',
      fromVersion: 5,
      version: 6,
      changes: [],
    };
    subject.documents.change(gap);
    expect(await subject.complete(request(place(text, 0, 1)), NEVER)).toBeUndefined();
    subject.dispose();
  });
});
