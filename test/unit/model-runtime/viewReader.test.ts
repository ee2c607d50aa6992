import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine, RecurrentState } from '../../../model-runtime/engines/engine';
import { createReferenceEngine } from '../../../model-runtime/engines/reference/referenceEngine';
import { Completer } from '../../../model-runtime/generation/completer';
import type { LineRange, TextPosition } from '../../../model-runtime/protocol/messages';
import { MOST_TEXT_STATES, MOST_VIEW_STATES } from '../../../model-runtime/state/documentStates';
import { allStates, drift } from '../../support/documentPlaces';
import { codeFixtures } from '../../support/editScripts';
import { shippedTokenizer, SHIPPED_FORMAT, VOCAB_SIZE } from '../../support/model';
import { randomModel, smallMamba2 } from '../../support/randomModel';
import { watched } from '../../support/watchedEngine';

const tokenizer = shippedTokenizer();
const NEVER = new AbortController().signal;
const CONTEXT = 3000;
const SIZES = { dModel: 8, dInner: 16, headDim: 8, nHeads: 2, nGroups: 1, nLayer: 2 };

/** One document in a completer, as the extension uses it. */
class Viewed {
  readonly subject: Completer;
  private version = 1;

  constructor(
    readonly engine: Engine,
    readonly text: string,
    states = 100,
  ) {
    const budget = engine.info.stateSizeBytes * states;
    this.subject = new Completer(engine, tokenizer, SHIPPED_FORMAT, budget);
    this.subject.documents.open({
      kind: 'openDocument',
      documentId: 'd',
      version: this.version,
      path: 'a.ts',
      text,
      isComplete: true,
    });
  }

  get document() {
    const document = this.subject.documents.get('d');
    if (!document) throw new Error('the document is gone');
    return document;
  }

  /** Positions of the kept states in view. */
  get views(): number[] {
    const kept = this.document.states.describe().filter(({ kind }) => kind === 'view');
    return kept.map(({ position }) => position.line);
  }

  async look(view: LineRange, signal = NEVER): Promise<number> {
    const at = this.place({ line: 0, character: 0 });
    const answer = await this.subject.warm({ kind: 'warm', requestId: 1, ...at, view }, signal);
    return answer?.prefilledTokens ?? NaN;
  }

  insert(line: number, text: string): void {
    const at = { line, character: 0 };
    this.subject.documents.change({
      kind: 'changeDocument',
      documentId: 'd',
      fromVersion: this.version,
      version: ++this.version,
      changes: [{ start: at, end: at, text }],
    });
  }

  async complete(line: number) {
    const answer = await this.subject.complete(
      {
        kind: 'complete',
        requestId: 1,
        ...this.place({ line, character: this.document.text.line(line).length }),
        maxReadTokens: 96,
        shape: 'line',
        maxTokens: 1,
        maxLines: 1,
        temperature: 0,
        topP: 1,
      },
      NEVER,
    );
    if (!answer) throw new Error('resync');
    return answer.figures;
  }

  private place(position: TextPosition) {
    return {
      documentId: 'd',
      version: this.version,
      lineCount: this.document.text.lineCount,
      position,
      contextCharacters: CONTEXT,
    };
  }
}

describe('the lines in view', { timeout: 120_000 }, () => {
  let engine: ReturnType<typeof watched>;
  let state: RecurrentState;
  let fresh: RecurrentState;
  const text = codeFixtures().join('\n').repeat(4);
  beforeAll(() => {
    const config = smallMamba2({ vocabSize: VOCAB_SIZE, ...SIZES });
    engine = watched(createReferenceEngine(randomModel(config, 3)));
    state = engine.createState();
    fresh = engine.createState();
  });

  it('give every cursor that is set in them the whole context above it, for its region and what follows', async () => {
    for (const height of [20, 45]) {
      const viewed = new Viewed(engine, text);
      await viewed.look({ firstLine: 300, lastLine: 300 + height });
      for (let line = 303; line <= 300 + height; line += 3) {
        const { reuse, promptTokens, reusedTokens } = await viewed.complete(line);
        expect(['region', 'cursor']).toContain(reuse);
        // Half of the context's characters at least, and three characters make a token.
        expect(reusedTokens).toBeGreaterThan(CONTEXT / 2 / 4);
        expect(promptTokens - reusedTokens).toBeLessThan(330);
      }
      viewed.subject.dispose();
    }
    expect(engine.live.size).toBe(0);
  });

  it('are kept in states that equal a fresh read, no more of them in a high view or a long document', async () => {
    for (const [firstLine, lastLine, copies] of [
      [300, 345, 1],
      [300, 345, 20],
      [100, 190, 1],
      [50, 10_000, 1],
    ]) {
      const viewed = new Viewed(engine, text.repeat(copies ?? 1));
      await viewed.look({ firstLine: firstLine ?? 0, lastLine: lastLine ?? 0 });
      expect(viewed.views.length).toBeGreaterThan(2);
      expect(viewed.views.length).toBeLessThanOrEqual(MOST_VIEW_STATES);
      expect(viewed.document.states.count).toBeLessThanOrEqual(
        MOST_TEXT_STATES + MOST_VIEW_STATES + 2,
      );
      for (const kept of allStates(viewed.document).texts) {
        expect(await drift(engine, viewed.document, kept, state, fresh, 2)).toBeLessThan(1e-9);
      }
      viewed.subject.dispose();
    }
  });

  it('are read once: scrolling on reads what has come into view', async () => {
    const viewed = new Viewed(engine, text);
    const first = await viewed.look({ firstLine: 300, lastLine: 345 });
    expect(await viewed.look({ firstLine: 300, lastLine: 345 })).toBeLessThan(4);
    expect(await viewed.look({ firstLine: 302, lastLine: 346 })).toBeLessThan(4);
    const below = await viewed.look({ firstLine: 316, lastLine: 361 });
    expect(below).toBeGreaterThan(50);
    expect(below).toBeLessThan(first / 3);
    // And nothing that is still in view has gone for it.
    expect(await viewed.look({ firstLine: 316, lastLine: 361 })).toBeLessThan(4);
    await viewed.look({ firstLine: 500, lastLine: 545 });
    await viewed.look({ firstLine: 316, lastLine: 361 });
    expect(await viewed.look({ firstLine: 316, lastLine: 361 })).toBeLessThan(4);
    viewed.subject.dispose();
  });

  it('are read again below an edit only', async () => {
    const viewed = new Viewed(engine, text);
    await viewed.look({ firstLine: 300, lastLine: 345 });
    const before = viewed.views;
    viewed.insert(325, 'let changed;\n');
    expect(viewed.views).toEqual(before.filter((line) => line <= 325));
    expect((await viewed.complete(325)).reuse).toBe('region');
    viewed.subject.dispose();
  });

  it('go on where an interrupted reading was', async () => {
    const abort = new AbortController();
    let tokensRead = 0;
    const interrupted: Engine = {
      ...engine,
      prefill: (tokens, at, options) => {
        tokensRead += tokens.length;
        if (tokensRead > 600) abort.abort();
        return engine.prefill(tokens, at, options);
      },
    };
    const whole = new Viewed(engine, text);
    const all = await whole.look({ firstLine: 300, lastLine: 345 });
    const viewed = new Viewed(interrupted, text);
    await expect(viewed.look({ firstLine: 300, lastLine: 345 }, abort.signal)).rejects.toThrow();
    expect(await viewed.look({ firstLine: 300, lastLine: 345 })).toBeLessThan(all - 200);
    whole.subject.dispose();
    viewed.subject.dispose();
  });

  it('are not read beyond the text, in giant lines without end, or where the budget has no room', async () => {
    for (const odd of ['', '\n\n\n', 'x', 'const value = 1; '.repeat(60_000)]) {
      const viewed = new Viewed(engine, odd);
      await viewed.look({ firstLine: 5, lastLine: 50 });
      expect(viewed.views).toEqual([]);
      viewed.subject.dispose();
    }
    const wide = new Viewed(engine, `${'let a = 1; '.repeat(90)}\n`.repeat(100));
    expect(await wide.look({ firstLine: 20, lastLine: 65 })).toBeLessThan(CONTEXT);
    wide.subject.dispose();
    const small = new Viewed(engine, text, 12);
    await small.look({ firstLine: 300, lastLine: 345 });
    expect(small.views).toEqual([]);
    small.subject.dispose();
    expect(engine.live.size).toBe(0);
  });
});
