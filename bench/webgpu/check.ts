import { readFileSync } from 'node:fs';
import { createReferenceEngine } from '../../model-runtime/engines/reference/referenceEngine';
import type { Engine } from '../../model-runtime/engines/engine';
import { openGpu } from '../../model-runtime/engines/webgpu/gpuContext';
import {
  createWebgpuEngine,
  type WebgpuEngine,
} from '../../model-runtime/engines/webgpu/webgpuEngine';
import type { ModelWeights } from '../../model-runtime/model/weights';
import { firstLayers } from '../../test/support/firstLayers';
import { relativeL2 } from '../../test/support/compare';
import { createRandom, randomTokens } from '../../test/support/random';
import { randomModel, smallMamba1, smallMamba2 } from '../../test/support/randomModel';
import { SHIPPED_BLOCK } from './shippedSizes';

/** Relative L2 of logits to the f64 reference on this device: a prefill, in all it can multiply in, and two decoded tokens. */
export async function checkAgainstReference(
  trained: ModelWeights | undefined,
  dawnFlags: readonly string[],
): Promise<Record<string, number>> {
  const models: Record<string, ModelWeights> = {
    ...(trained ? { 'first 3 layers of the trained model': firstLayers(trained, 3) } : {}),
    'Mamba-1': randomModel(smallMamba1(), 7),
    'Mamba-2, 2 groups': randomModel(smallMamba2(), 7),
    'Mamba-2, 4 layers of the shipped sizes': randomModel(
      smallMamba2({
        ...SHIPPED_BLOCK,
        nLayer: 4,
        vocabSize: 512,
      }),
      7,
    ),
  };
  const gpuOptions = { allowsSoftware: true, dawnFlags };
  const gpu = await openGpu(gpuOptions);
  const allProducts = gpu.products;
  gpu.dispose();
  const differences: Record<string, number> = {};
  for (const [name, weights] of Object.entries(models)) {
    const tokens = randomTokens(createRandom(3), 42, weights.config.vocabSize);
    const reference = createReferenceEngine(weights);
    const expected = await logitsOf(reference, tokens);
    for (const products of allProducts) {
      const engine = await createWebgpuEngine(weights, { ...gpuOptions, products });
      differences[`${name}, ${products}`] = relativeL2(await logitsOf(engine, tokens), expected);
      await engine.dispose();
    }
  }
  return differences;
}

/** After a prefill and after each of two decoded tokens. */
async function logitsOf(engine: Engine, tokens: Int32Array): Promise<number[]> {
  const state = engine.createState();
  const rows = [await engine.prefill(tokens.subarray(0, 40), state)];
  for (const token of tokens.subarray(40)) rows.push(await engine.decode(token, state));
  return rows.flatMap((row) => [...row]);
}

interface Golden {
  prompts: { ids: number[]; top: [number, number][]; greedy: number[] }[];
}

/** The shipped model against the float64 program's figures (test/fixtures/golden.json), by prompt. */
export async function checkGolden(engine: WebgpuEngine, file: string) {
  const { prompts } = JSON.parse(readFileSync(file, 'utf8')) as Golden;
  const results = [];
  for (const { ids, top, greedy } of prompts) {
    const state = engine.createState();
    const { maxChunkTokens } = engine.info;
    let logits = new Float32Array();
    for (let i = 0; i < ids.length; i += maxChunkTokens) {
      const chunk = Int32Array.from(ids.slice(i, i + maxChunkTokens));
      logits = Float32Array.from(await engine.prefill(chunk, state));
    }
    const first = logits.indexOf(Math.max(...logits));
    const text = [first];
    for await (const chosen of engine.chooseTokens(first, state)) {
      text.push(...chosen.map(({ token }) => token));
      if (text.length >= greedy.length) break;
    }
    results.push({
      logitsRelativeL2: relativeL2(
        top.map(([id]) => logits[id] ?? NaN),
        top.map(([, logit]) => logit),
      ),
      isSameText: greedy.every((token, i) => token === text[i]),
    });
    state.dispose();
  }
  return results;
}
