import { availableParallelism } from 'node:os';
import { log } from '../log';
import type { Allocate } from '../model/readFileChecked';
import type { ModelWeights } from '../model/weights';
import { RuntimeError } from '../protocol/errors';
import type { EngineChoice, WeightsChoice } from '../protocol/messages';
import { likelyThreads } from './cpu/chooseThreads';
import { createCpuEngine, prepareCpu, requireReach } from './cpu/cpuEngine';
import type { Engine } from './engine';
import { createOnnxEngine } from './onnx/onnxEngine';
import { createReferenceEngine } from './reference/referenceEngine';
import { createWebgpuEngine } from './webgpu/webgpuEngine';

/** More do not help onnxruntime with a model of this size and take the cores that the editor needs. */
const MOST_AUTOMATIC_THREADS = 4;

export interface CreateEngineOptions {
  engine: EngineChoice;
  /** 0: as the engine finds best. */
  threads: number;
  weights: WeightsChoice;
  /** Where the engine finds the number of threads by measuring, it does so now; else a likely number serves until `chooseThreads`. */
  measuresThreads?: boolean | undefined;
  /** Folder with the kernels and the worker; by default they lie beside the bundle. */
  programFolder?: string;
}

/** Reads a model's weights, into the memory that is given for the file. */
export type LoadWeights = (allocate?: Allocate) => Promise<ModelWeights>;

/** Throws `engineUnavailable` when the chosen engine cannot run here; `auto` then takes the next one. */
export async function createEngine(
  options: CreateEngineOptions,
  loadWeights: LoadWeights,
): Promise<Engine> {
  switch (options.engine) {
    case 'auto':
      return createFirstAvailable(options, loadWeights);
    case 'webgpu':
      return createWebgpuEngine(await loadWeights(), { weights: options.weights });
    case 'cpu':
      return createCpu(options, loadWeights);
    case 'onnx':
      return createOnnx(options, loadWeights);
    case 'reference':
      return createReferenceEngine(await loadWeights());
  }
}

async function createFirstAvailable(
  options: CreateEngineOptions,
  loadWeights: LoadWeights,
): Promise<Engine> {
  try {
    return await createCpu(options, loadWeights);
  } catch (error) {
    if (!(error instanceof RuntimeError) || error.code !== 'engineUnavailable') throw error;
    log('runtime.load', `The cpu engine cannot run here, onnx is used instead: ${error.message}`);
    return createOnnx(options, loadWeights);
  }
}

async function createCpu(
  { weights, programFolder = __dirname, ...options }: CreateEngineOptions,
  loadWeights: LoadWeights,
): Promise<Engine> {
  const threads = options.threads || (options.measuresThreads ? 0 : likelyThreads());
  const prepared = prepareCpu({ threads, programFolder });
  const { area, team } = prepared;
  try {
    // Weights that are made smaller are copied: what they are made from need not stay in the engine's memory.
    const model = await (weights === 'int4'
      ? loadWeights()
      : loadWeights((size) => {
          requireReach(size);
          return area.uint8(area.allocate(size), size);
        }));
    const engine = await createCpuEngine(model, { threads, weights, programFolder, prepared });
    if (options.measuresThreads) await engine.settle();
    return engine;
  } catch (error) {
    await team.dispose();
    throw error;
  }
}

async function createOnnx(
  { threads }: CreateEngineOptions,
  loadWeights: LoadWeights,
): Promise<Engine> {
  return createOnnxEngine(await loadWeights(), {
    threads: threads || Math.min(MOST_AUTOMATIC_THREADS, availableParallelism()),
  });
}
