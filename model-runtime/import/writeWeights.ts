import { open, type FileHandle } from 'node:fs/promises';
import { elementsOf, isQuantized } from '../model/memoryNeed';
import { cannotImport } from '../model/modelErrors';
import { quantize } from '../model/quantize';
import { SCALE_SUFFIX, type TensorLayout } from '../model/tensorLayout';
import { QUANTIZATION_BLOCK } from '../model/weights';
import type { SourceTensor } from './checkpoint';
import { isBlocked, readBlocks, readFloats } from './readTensor';
import { writeAt, type WeightsFilePlan } from './weightsFile';

/** Elements read, converted and written at a time: some 10 MB in memory, whatever a tensor's size. */
const CHUNK_ELEMENTS = 2 ** 20;

/** What is stored for a layout: a tensor of the source, with its scales where it has some, or zeros. */
export interface PlannedTensor {
  layout: TensorLayout;
  source: SourceTensor | 'zeros';
  scales: SourceTensor | undefined;
}

export interface WriteOptions {
  plan: WeightsFilePlan;
  tensors: readonly PlannedTensor[];
  signal: AbortSignal;
  onProgress: (elements: number) => void;
}

/**
 * Writes a model's weights, a piece of a tensor at a time. A matrix that is int8 already keeps its bits; one in floating point
 * becomes int8 when its columns fill whole blocks; everything else becomes f32. Throws the signal's reason; `modelCorrupt`.
 */
export async function writeWeights(path: string, options: WriteOptions): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await writeAt(handle, options.plan.header, 0);
    for (const tensor of options.tensors) await writeTensor(handle, tensor, options);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeTensor(
  handle: FileHandle,
  tensor: PlannedTensor,
  { plan, signal, onProgress }: WriteOptions,
): Promise<void> {
  const { layout } = tensor;
  const total = elementsOf(layout);
  const at = plan.offsets.get(layout.name) ?? 0;
  const scalesAt = plan.offsets.get(layout.name + SCALE_SUFFIX) ?? 0;
  const cols = layout.shape.at(-1) ?? 1;
  const chunk = Math.max(1, Math.floor(CHUNK_ELEMENTS / cols)) * cols;
  for (let first = 0; first < total; first += chunk) {
    signal.throwIfAborted();
    const count = Math.min(chunk, total - first);
    if (isQuantized(layout)) {
      const { values, scales } = await blocks(tensor, first, count, cols);
      await writeAt(handle, values, at + first);
      await writeAt(handle, scales, scalesAt + (first / QUANTIZATION_BLOCK) * 2);
    } else {
      await writeAt(handle, await floats(tensor, first, count), at + first * 4);
    }
    onProgress(count);
  }
}

async function blocks(tensor: PlannedTensor, first: number, count: number, cols: number) {
  const { layout, source, scales } = tensor;
  if (source !== 'zeros' && isBlocked(source)) {
    return readBlocks(source, scales, layout.name, first, count);
  }
  const values = await floats(tensor, first, count);
  try {
    return quantize(values, count / cols, cols);
  } catch (error) {
    const path = source === 'zeros' ? layout.name : source.file.path;
    throw cannotImport(path, `tensor ${layout.name} cannot be quantized`, error);
  }
}

async function floats({ layout, source }: PlannedTensor, first: number, count: number) {
  return source === 'zeros'
    ? new Float32Array(count)
    : readFloats(source, layout.name, first, count);
}
