import type { WeightsChoice } from '../protocol/messages';
import type { ModelConfig } from './config';
import { tensorLayouts, type TensorLayout } from './tensorLayout';
import { QUANTIZATION_BLOCK } from './weights';

/** The runtime without a model: Node, the libraries, the work space of a pass. */
const PROCESS_BYTES = 160 * 2 ** 20;
/** The live state, the next one, and a few kept ones; more only when memory is left for them. */
const STATES = 6;

/** What the cpu engine can hold of weights: WebAssembly's 32-bit addresses, less the states and the work space. */
export const MOST_CPU_ENGINE_BYTES = 3.5 * 2 ** 30;
/** onnxruntime's own copy and the one that it makes while it arranges it, in sizes of the file. Measured at 1.4 G parameters: 2.1. */
const ONNX_COPIES = 2.2;

/** Whether a tensor is stored as int8 blocks of 32 columns. */
export function isQuantized({ storage, shape }: TensorLayout): boolean {
  return storage === 'matrix' && (shape[1] ?? 0) % QUANTIZATION_BLOCK === 0;
}

/** Bytes of a tensor as the model folder stores it. */
export function storedBytes(layout: TensorLayout): number {
  const elements = elementsOf(layout);
  return isQuantized(layout) ? elements + (elements / QUANTIZATION_BLOCK) * 2 : elements * 4;
}

export function elementsOf({ shape }: TensorLayout): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Bytes of all weights as an engine keeps them; int4 makes the matrices inside the blocks smaller. */
export function engineBytes(config: ModelConfig, weights: WeightsChoice): number {
  return tensorLayouts(config).reduce((sum, layout) => {
    const bytes = storedBytes(layout);
    const isInner = layout.name.includes('.mixer.') && isQuantized(layout);
    return sum + (weights === 'int4' && isInner ? bytes - elementsOf(layout) / 2 : bytes);
  }, 0);
}

/**
 * Most bytes of memory that loading and running a model takes: the weights, a few states, and the process itself. The engine is
 * the one that `auto` takes. The cpu engine reads int8 weights into its own memory and makes int4 ones from the file's content;
 * what it cannot hold onnxruntime runs, on copies.
 */
export function neededMemoryBytes(config: ModelConfig, weights: WeightsChoice): number {
  const file = engineBytes(config, 'int8');
  const own = engineBytes(config, weights);
  const copy = weights === 'int4' ? own : 0;
  const more = own <= MOST_CPU_ENGINE_BYTES ? copy : ONNX_COPIES * file;
  return Math.ceil(file + more) + STATES * stateBytes(config) + PROCESS_BYTES;
}

/** Bytes of a recurrent state in f32. */
export function stateBytes(config: ModelConfig): number {
  const { dInner, dState, dConv, nLayer } = config;
  const channels = config.architecture === 'mamba2' ? dInner + 2 * config.nGroups * dState : dInner;
  return nLayer * (channels * (dConv - 1) + dInner * dState) * 4;
}
