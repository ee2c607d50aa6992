import { existsSync } from 'node:fs';
import { openGpu } from '../../model-runtime/engines/webgpu/gpuContext';
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
  return results;
}
