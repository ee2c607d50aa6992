import { existsSync } from 'node:fs';
import { openGpu } from '../../model-runtime/engines/webgpu/gpuContext';
import type { Products } from '../../model-runtime/engines/webgpu/products';
import type { ModelWeights } from '../../model-runtime/model/weights';
import { checkGolden } from './check';
import { timeChoices } from './decode';
import { measurePrefill } from './prefill';
import { createSubject, dawnFlags, USUAL_SWITCHES } from './subject';

/**
 * Prefill in all that this device can multiply in, with int8 and int4 weights: wall times of prefill, the device's times of its kernels, and decoding. All
 * of it twice: what the machine does besides shows as the difference. `golden` is a file of golden prompts where the weights are the shipped ones.
 */
export async function measureWeightVariants(
  weights: ModelWeights,
  golden: string | undefined,
  progress: (line: string) => void,
) {
  const gpu = await openGpu({ allowsSoftware: true, dawnFlags: dawnFlags(USUAL_SWITCHES) });
  gpu.dispose();
  const round = [false, true].flatMap((isInt4) =>
    gpu.products.map((products) => ({ products, isInt4 })),
  );
  const choice = await measureChoice(weights);
  progress(JSON.stringify(choice));
  const results = [];
  for (const variant of [...round, ...round]) {
    const subject = await createSubject(weights, 2048, variant);
    const isCompared = golden !== undefined && existsSync(golden) && !variant.isInt4;
    results.push({
      ...variant,
      prefill: await measurePrefill(subject, [64, 512, 2048, 16_384]),
      greedyTokensPerSecond: await timeChoices(subject, { tokensPerSubmit: 8 }),
      golden: isCompared ? await checkGolden(subject.engine, golden) : undefined,
    });
    await subject.engine.dispose();
    progress(JSON.stringify(results.at(-1)));
  }
  return { choice, results };
}

/** What the engine chooses here, by which times, and what the choice adds to opening it. */
async function measureChoice(weights: ModelWeights) {
  // The first one of a process takes longer.
  for (let round = 0; round < 2; round++) await openMs(weights, 'f32');
  const f32 = await openMs(weights, 'f32');
  const chosen = await openMs(weights, 'fastest');
  return { openMs: f32.ms, openAndChooseMs: chosen.ms, ...chosen.info };
}

async function openMs(weights: ModelWeights, products: Products | 'fastest') {
  const start = performance.now();
  const { engine } = await createSubject(weights, 2048, { products });
  const ms = performance.now() - start;
  const { arithmetic, productTimes } = engine.info;
  await engine.dispose();
  return { ms, info: { arithmetic, productTimes } };
}
