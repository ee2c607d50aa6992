import { describe, expect, it } from 'vitest';
import { createCpuEngine, type CpuEngine } from '../../model-runtime/engines/cpu/cpuEngine';
import type { RecurrentState } from '../../model-runtime/engines/engine';
import { createReferenceEngine } from '../../model-runtime/engines/reference/referenceEngine';
import { relativeL2 } from '../support/compare';
import { PROGRAM_FOLDER } from '../support/cpuProgram';
import { createRandom, randomTokens } from '../support/random';
import { randomModel, smallMamba1, smallMamba2 } from '../support/randomModel';

const SEED = 20261125;
const SEQUENCES = 3;
const STEPS = 6;

const models = [
  { name: 'Mamba-1', config: smallMamba1({ hasProjectionBias: true }) },
  { name: 'Mamba-2 with one group', config: smallMamba2({ nGroups: 1 }) },
  {
    name: 'Mamba-2 with two groups that normalises before the gate',
    config: smallMamba2({ nGroups: 2, normBeforeGate: true }),
  },
];

describe.each(models)('several sequences of a small random $name', ({ config }) => {
  const weights = randomModel(config, SEED);
  const random = createRandom(SEED);
  /** Of different lengths, so that the states differ. */
  const prompts = Array.from({ length: SEQUENCES }, (_, i) =>
    randomTokens(random, 5 + 11 * i, config.vocabSize),
  );
  const steps = Array.from({ length: STEPS }, () =>
    randomTokens(random, SEQUENCES, config.vocabSize),
  );

  async function withEngine(threads: number, run: (engine: CpuEngine) => Promise<void>) {
    const engine = await createCpuEngine(weights, { threads, programFolder: PROGRAM_FOLDER });
    await run(engine);
    await engine.dispose();
  }

  it.each([1, 3])('each get the logits and the state that they get alone (%i threads)', (threads) =>
    withEngine(threads, async (engine) => {
      const reference = createReferenceEngine(weights);
      const states: RecurrentState[] = [];
      const truths: RecurrentState[] = [];
      for (const prompt of prompts) {
        const [state, truth] = [engine.createState(), reference.createState()];
        await engine.prefill(prompt, state);
        await reference.prefill(prompt, truth);
        states.push(state);
        truths.push(truth);
      }
      const kept = states[1].snapshot();
      for (const tokens of steps) {
        const rows = await engine.decodeMany(tokens, states);
        for (const [i, truth] of truths.entries()) {
          const expected = await reference.decode(tokens[i], truth);
          const row = rows.subarray(i * config.vocabSize, (i + 1) * config.vocabSize);
          expect(relativeL2(row, expected)).toBeLessThan(1e-3);
        }
      }
      for (const [i, truth] of truths.entries()) {
        for (let layer = 0; layer < config.nLayer; layer++) {
          const [actual, expected] = await Promise.all([
            states[i].exportLayer(layer),
            truth.exportLayer(layer),
          ]);
          expect(relativeL2(actual.ssm, expected.ssm)).toBeLessThan(1e-3);
          expect(relativeL2(actual.conv, expected.conv)).toBeLessThan(1e-3);
        }
      }
      // A snapshot taken before is not written to.
      states[1].restore(kept);
      const again = await engine.decodeMany(steps[0], states);
      const alone = engine.createState();
      await engine.prefill(prompts[1], alone);
      const expected = await engine.decode(steps[0][1], alone);
      const row = again.subarray(config.vocabSize, 2 * config.vocabSize);
      expect(relativeL2(row, expected)).toBeLessThan(1e-3);
    }),
  );

  it('refuse two tokens for one state, and more sequences than one pass takes', () =>
    withEngine(1, async (engine) => {
      const state = engine.createState();
      await expect(engine.decodeMany(Int32Array.of(1, 2), [state, state])).rejects.toThrow(
        'a state of its own',
      );
      const many = Array.from({ length: 9 }, () => engine.createState());
      await expect(engine.decodeMany(new Int32Array(9), many)).rejects.toThrow('1 to 8 tokens');
    }));
});
