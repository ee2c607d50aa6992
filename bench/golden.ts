import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import type { SubjectProcess } from './subjectProcess';

const goldenSchema = v.object({
  prompts: v.array(
    v.object({
      ids: v.array(v.number()),
      /** Best next tokens with their logits, best first. */
      top: v.array(v.tuple([v.number(), v.number()])),
      greedy: v.array(v.number()),
    }),
  ),
});
/** Prompts with what an independent float64 program computes from the shipped weights. */
export type GoldenPrompt = v.InferOutput<typeof goldenSchema>['prompts'][number];

export async function readGolden(file: string): Promise<GoldenPrompt[]> {
  return v.parse(goldenSchema, JSON.parse(await readFile(file, 'utf8'))).prompts;
}

/** How close a subject comes to the golden prompts. */
export interface GoldenAgreement {
  prompts: number;
  /** Prompts whose whole greedy text is the golden one. */
  sameText: number;
  /** Greedy tokens before the first difference, and of how many, over all prompts. */
  sameTokens: number;
  tokens: number;
  /** Largest |difference| / |golden| (Euclidean, over the best logits) of a prompt. */
  relativeL2: number;
}

/** Runs every prompt through the subject. Throws when its process fails. */
export async function compareWithGolden(
  process: SubjectProcess,
  prompts: readonly GoldenPrompt[],
): Promise<GoldenAgreement> {
  const agreement = {
    prompts: prompts.length,
    sameText: 0,
    sameTokens: 0,
    tokens: 0,
    relativeL2: 0,
  };
  for (const { ids, top, greedy } of prompts) {
    const { tokens } = await process.request(
      { kind: 'greedy', prompt: ids, count: greedy.length },
      'tokens',
    );
    const difference = greedy.findIndex((token, index) => token !== tokens[index]);
    agreement.tokens += greedy.length;
    agreement.sameTokens += difference < 0 ? greedy.length : difference;
    if (difference < 0) agreement.sameText++;
    const { values } = await process.request(
      { kind: 'logits', prompt: ids, ids: top.map(([id]) => id) },
      'values',
    );
    const goldenLogits = top.map(([, logit]) => logit);
    agreement.relativeL2 = Math.max(agreement.relativeL2, relativeL2(values, goldenLogits));
  }
  return agreement;
}

function relativeL2(values: readonly number[], golden: readonly number[]): number {
  let difference = 0;
  let norm = 0;
  golden.forEach((expected, index) => {
    difference += (expected - (values[index] ?? NaN)) ** 2;
    norm += expected ** 2;
  });
  return Math.sqrt(difference / norm);
}
