import { existsSync } from 'node:fs';
import type { ModelWeights } from '../../model-runtime/model/weights';
import { checkGolden } from './check';
import { timeChoices } from './decode';
import { measurePrefill } from './prefill';
import { createSubject } from './subject';

/** Each twice: what the machine does besides shows as the difference. */
const ROUND = [
  { isPacked: false, isInt4: false },
  { isPacked: true, isInt4: false },
  { isPacked: false, isInt4: true },
  { isPacked: true, isInt4: true },
];
const VARIANTS = [...ROUND, ...ROUND];

/**
 * Prefill with packed integers and without, and int4 weights: wall times of prefill, the device's times of its kernels, and decoding.
 * `golden` is a file of golden prompts where the weights are the shipped ones.
 */
export async function measureWeightVariants(
  weights: ModelWeights,
  golden: string | undefined,
  progress: (line: string) => void,
) {
  const results = [];
  for (const variant of VARIANTS) {
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
