import { prepareText } from '../generation/promptFormat';
import type { ModelConfig } from '../model/config';
import { elementsOf, isQuantized, neededMemoryBytes } from '../model/memoryNeed';
import { cannotImport } from '../model/modelErrors';
import { REGION_PROMPT, type PromptDescription } from '../model/promptDescription';
import {
  EMBEDDING,
  HEAD,
  SCALE_SUFFIX,
  tensorLayouts,
  type TensorLayout,
} from '../model/tensorLayout';
import { QUANTIZATION_BLOCK } from '../model/weights';
import type { WeightsChoice } from '../protocol/messages';
import { RuntimeError } from '../protocol/errors';
import type { Checkpoint, SourceTensor } from './checkpoint';
import { guessPrompt } from './guessPrompt';
import { planWeightsFile, type WeightsFilePlan } from './weightsFile';
import type { PlannedTensor } from './writeWeights';

/** Everything about an import that the headers tell, before anything is written. */
export interface ImportPlan {
  config: ModelConfig;
  /** Absent where `config.json` names the tokens of region infill. */
  prompt: PromptDescription | undefined;
  tensors: readonly PlannedTensor[];
  file: WeightsFilePlan;
  parameters: number;
  memoryBytes: number;
}

/** Errors: `modelCorrupt` when a tensor is missing, unknown or of another shape, or the tokenizer belongs to another model. */
export function planImport(checkpoint: Checkpoint, weights: WeightsChoice): ImportPlan {
  const config = resolveConfig(checkpoint);
  const layouts = tensorLayouts(config);
  const tensors = layouts.map((layout) => planTensor(layout, checkpoint));
  refuseUnknown(layouts, config, checkpoint);
  const prompt = checkpoint.prompt ?? (config.specialTokens ? undefined : guessed(checkpoint));
  checkTokenizer(checkpoint, config, prompt ?? REGION_PROMPT);
  return {
    config,
    prompt,
    tensors,
    file: planWeightsFile(layouts),
    parameters: layouts.reduce((sum, layout) => sum + elementsOf(layout), 0),
    memoryBytes: neededMemoryBytes(config, weights),
  };
}

/** What only the tensors can tell: whether the head is tied, and how far the vocabulary was filled up. */
function resolveConfig({ source, tensors, path }: Checkpoint): ModelConfig {
  const rows = tensors.get(EMBEDDING)?.shape[0];
  if (rows !== undefined && !source.vocabSizes.includes(rows)) {
    throw cannotImport(
      path,
      `its embedding has ${rows} rows, config.json says ${source.vocabSizes.join(' or ')}`,
    );
  }
  return {
    ...source.config,
    vocabSize: rows ?? source.config.vocabSize,
    tieEmbeddings: source.isTied ?? !tensors.has(HEAD),
  };
}

function planTensor(layout: TensorLayout, checkpoint: Checkpoint): PlannedTensor {
  const { name, shape } = layout;
  const { tensors, path, source } = checkpoint;
  if (name.endsWith('.conv1d.bias') && !source.hasConvBias) {
    return { layout, source: 'zeros', scales: undefined };
  }
  const tensor = tensors.get(name);
  if (tensor === undefined) throw cannotImport(path, `tensor ${name} is missing`);
  requireShape(tensor, name, shape, checkpoint.hasFlatVectors && layout.storage === 'dense');
  const scales = tensors.get(name + SCALE_SUFFIX);
  if (tensor.dtype !== 'I8') return { layout, source: tensor, scales: undefined };
  if (!isQuantized(layout)) {
    throw cannotImport(tensor.file.path, `tensor ${name} must not be int8`);
  }
  const [rows = 1, cols = 1] = shape;
  if (scales === undefined) {
    throw cannotImport(tensor.file.path, `tensor ${name}${SCALE_SUFFIX} is missing`);
  }
  requireShape(scales, name + SCALE_SUFFIX, [rows, cols / QUANTIZATION_BLOCK], false);
  return { layout, source: tensor, scales };
}

function requireShape(
  { shape, file }: SourceTensor,
  name: string,
  expected: readonly number[],
  isFlat: boolean,
): void {
  const product = (extents: readonly number[]) => extents.reduce((a, b) => a * b, 1);
  const isRight = isFlat ? product(shape) === product(expected) : shape.join() === expected.join();
  if (!isRight) {
    throw cannotImport(file.path, `tensor ${name} is [${shape.join()}], not [${expected.join()}]`);
  }
}

/** A tensor that nobody reads is a sign of another architecture. */
function refuseUnknown(
  layouts: readonly TensorLayout[],
  config: ModelConfig,
  { tensors, path }: Checkpoint,
): void {
  const known = new Set(layouts.flatMap(({ name }) => [name, name + SCALE_SUFFIX]));
  // Some write the tied head out.
  if (config.tieEmbeddings) known.add(HEAD).add(HEAD + SCALE_SUFFIX);
  for (const name of tensors.keys()) {
    if (!known.has(name)) {
      throw cannotImport(path, `tensor ${name} belongs to no architecture that can be imported`);
    }
  }
}

function guessed(checkpoint: Checkpoint): PromptDescription {
  try {
    return guessPrompt(checkpoint);
  } catch (error) {
    throw cannotImport(checkpoint.path, 'its tokenizer.json is no tokenizer', error);
  }
}

function checkTokenizer(
  { path, tokenizerJson }: Checkpoint,
  config: ModelConfig,
  prompt: PromptDescription,
): void {
  try {
    prepareText({ tokenizerJson, prompt, config });
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    throw cannotImport(path, error.message.split('. ')[0] ?? '', error);
  }
}
