import { describe, expect, it } from 'vitest';
import type { Engine, RecurrentState } from '../../../model-runtime/engines/engine';
import { generate } from '../../../model-runtime/generation/generate';
import { shippedTokenizer, VOCAB_SIZE } from '../../support/model';

const tokenizer = shippedTokenizer();
const NEVER = new AbortController().signal;

/** Logits that give `token` this probability, all others the same. */
function logits(token: number, probability: number): Float32Array {
  const rest = (1 - probability) / (VOCAB_SIZE - 1);
  return new Float32Array(VOCAB_SIZE)
    .fill(Math.log(rest))
    .fill(Math.log(probability), token, token + 1);
}

/** Says pieces of text, each token of one as sure as is told, through an engine that knows nothing else. */
function saying(pieces: readonly (readonly [text: string, probability: number])[]) {
  const rows = pieces.flatMap(([text, probability]) =>
    [...tokenizer.encode(text)].map((token) => logits(token, probability)),
  );
  let next = 1;
  const engine = {
    info: {},
    decode: () => Promise.resolve(rows[next++] ?? logits(0, 1)),
  } as unknown as Engine;
  return (leastLogProbability?: number) =>
    generate(
      engine,
      tokenizer,
      {} as RecurrentState,
      rows[0],
      {
        maxTokens: 40,
        isStop: (token) => token === 0,
        sampling: { temperature: 0, topP: 1, random: Math.random },
        stopRule: () => undefined,
        leastLogProbability,
      },
      NEVER,
    );
}

describe('a text that becomes unsure', () => {
  const lines = [
    ['return a;', 0.99],
    ['\n', 0.99],
    ['  const', 0.2],
    [' b = 1;\n', 0.99],
  ] as const;

  it('ends with its last whole line', async () => {
    const generated = await saying(lines)(Math.log(0.5));
    expect(generated).toMatchObject({ text: 'return a;', stopReason: 'unsure' });
    expect(generated.tokens.length).toBeLessThan((await saying(lines)()).tokens.length);
  });

  it('goes on while it is likely enough, or when nobody asks', async () => {
    const whole = 'return a;\n  const b = 1;\n';
    expect(await saying(lines)(Math.log(0.01))).toMatchObject({ text: whole });
    expect(await saying(lines)()).toMatchObject({ text: whole, stopReason: 'specialToken' });
  });

  it('writes its first line to the end in any case', async () => {
    const unsure = saying([
      ['ret', 0.1],
      ['urn a;', 0.9],
      ['\nb', 0.9],
    ]);
    expect(await unsure(Math.log(0.5))).toMatchObject({ text: 'return a;', stopReason: 'unsure' });
  });
});
