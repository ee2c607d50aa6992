import { availableParallelism } from 'node:os';
import { log } from '../log';
import type { ModelWeights } from '../model/weights';
import { RuntimeError } from '../protocol/errors';
import type { EngineChoice, WeightsChoice } from '../protocol/messages';
import { createCpuEngine } from './cpu/cpuEngine';
import type { Engine } from './engine';
import { createOnnxEngine } from './onnx/onnxEngine';
import { createReferenceEngine } from './reference/referenceEngine';

/** More do not help onnxruntime with a model of this size and take the cores that the editor needs. */
const MOST_AUTOMATIC_THREADS = 4;

export interface CreateEngineOptions {
  engine: EngineChoice;
  /** 0: as the engine finds best. */
  threads: number;
  weights: WeightsChoice;
}

/** Throws `engineUnavailable` when the chosen engine cannot run here; `auto` then takes the next one. */
export async function createEngine(
  options: CreateEngineOptions,
  model: ModelWeights,
): Promise<Engine> {
  switch (options.engine) {
    case 'auto':
      return createFirstAvailable(options, model);
    case 'cpu':
      return createCpu(options, model);
    case 'onnx':
      return createOnnx(options, model);
    case 'reference':
      return createReferenceEngine(model);
  }
}

async function createFirstAvailable(
  options: CreateEngineOptions,
  model: ModelWeights,
): Promise<Engine> {
  try {
    return await createCpu(options, model);
  } catch (error) {
    if (!(error instanceof RuntimeError) || error.code !== 'engineUnavailable') throw error;
    log('runtime.load', `The cpu engine cannot run here, onnx is used instead: ${error.message}`);
    return createOnnx(options, model);
  }
}

/** The bundle lies beside the kernels and the worker. */
function createCpu({ threads, weights }: CreateEngineOptions, model: ModelWeights) {
  return createCpuEngine(model, { threads, weights, programFolder: __dirname });
}

function createOnnx({ threads }: CreateEngineOptions, model: ModelWeights) {
  return createOnnxEngine(model, {
    threads: threads || Math.min(MOST_AUTOMATIC_THREADS, availableParallelism()),
  });
}
