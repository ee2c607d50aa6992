import { describe, expect, it } from 'vitest';
import { readRow } from '../../kernels/linear/linear.reference';
import type { Engine, RecurrentState } from '../../model-runtime/engines/engine';
import { createReferenceEngine } from '../../model-runtime/engines/reference/referenceEngine';
import type { Mamba2Config } from '../../model-runtime/model/config';
import { isMamba2, type Matrix, type ModelWeights } from '../../model-runtime/model/weights';
import { relativeL2 } from '../support/compare';
import { ENGINES } from '../support/engines';
import { createRandom, randomTokens } from '../support/random';
import { randomModel, smallMamba1, smallMamba2 } from '../support/randomModel';

const SEED = 20261124;

const models = [
  { name: 'Mamba-1', config: smallMamba1() },
  { name: 'Mamba-1 with a head of its own', config: smallMamba1({ tieEmbeddings: false }) },
  { name: 'Mamba-2 with one group', config: smallMamba2({ nGroups: 1 }) },
  { name: 'Mamba-2 with two groups', config: smallMamba2({ nGroups: 2 }) },
  {
    name: 'Mamba-2 with a head of its own and a short convolution',
    config: smallMamba2({ tieEmbeddings: false, dConv: 2 }),
  },
  { name: 'Mamba-1 with biases', config: smallMamba1({ hasProjectionBias: true }) },
  {
    name: 'Mamba-2 with biases that normalises before the gate',
    config: smallMamba2({ hasProjectionBias: true, normBeforeGate: true }),
  },
  {
    name: 'Mamba-2 with limited steps and one group that normalises before the gate',
    config: smallMamba2({ dtLimit: [0.02, 0.08], nGroups: 1, normBeforeGate: true }),
  },
].map((model) => ({ ...model, weights: randomModel(model.config, SEED) }));

/** The same matrix in f32, which holds every product of an int8 and an f16. */
function dense(matrix: Matrix): Matrix {
  const { rows, cols } = matrix;
  const values = new Float32Array(rows * cols);
  const row = new Float64Array(cols);
  for (let r = 0; r < rows; r++) {
    readRow(matrix, r, row);
    values.set(row, r * cols);
  }
  return { kind: 'f32', rows, cols, values };
}

function denseMamba2(config: Mamba2Config): ModelWeights {
  const weights = randomModel(config, SEED);
  if (!isMamba2(weights)) throw new Error('Not a Mamba-2.');
  const embedding = dense(weights.embedding);
  const layers = weights.layers.map((layer) => ({
    ...layer,
    inProj: dense(layer.inProj),
    outProj: dense(layer.outProj),
  }));
  return { ...weights, layers, embedding, head: embedding };
}

/** A chunk with all rows, a chunk with its last row, then single tokens: all logits in order. */
async function readInPieces(engine: Engine, tokens: Int32Array, state: RecurrentState) {
  const logits = [
    await engine.prefill(tokens.subarray(0, 30), state, { rows: 'all' }),
    await engine.prefill(tokens.subarray(30, 37), state),
  ];
  for (const token of tokens.subarray(37)) logits.push(await engine.decode(token, state));
  return logits.flatMap((rows) => Array.from(rows));
}

describe.each([
  ...models,
  { name: 'Mamba-2 with f32 matrices', weights: denseMamba2(smallMamba2()) },
])('a small random $name', ({ weights }) => {
  it.each(ENGINES)(
    'gives the logits and states of the reference engine on $name, or refuses the model',
    async ({ create, smallModelLimit, refuses }) => {
      if (refuses?.(weights.config)) {
        await expect(create(weights)).rejects.toMatchObject({ code: 'engineUnavailable' });
        return;
      }
      const { nLayer, vocabSize } = weights.config;
      const tokens = randomTokens(createRandom(SEED), 40, vocabSize);
      const reference = createReferenceEngine(weights);
      const engine = await create(weights);
      const expectedState = reference.createState();
      const state = engine.createState();

      const expected = await readInPieces(reference, tokens, expectedState);
      const logits = await readInPieces(engine, tokens, state);

      expect(logits).toHaveLength((30 + 1 + 3) * vocabSize);
      expect(relativeL2(logits, expected)).toBeLessThan(smallModelLimit);
      for (let layer = 0; layer < nLayer; layer++) {
        const { conv, ssm } = await state.exportLayer(layer);
        const truth = await expectedState.exportLayer(layer);
        expect(relativeL2(conv, truth.conv)).toBeLessThan(smallModelLimit);
        expect(relativeL2(ssm, truth.ssm)).toBeLessThan(smallModelLimit);
      }
      await engine.dispose();
    },
  );
});
