import { availableParallelism } from 'node:os';
import type { ModelWeights } from '../model/weights';
import type { EngineChoice } from '../protocol/messages';
import type { Engine } from './engine';
import { createCpuEngine } from './cpu/cpuEngine';
import { createOnnxEngine } from './onnx/onnxEngine';
import { createReferenceEngine } from './reference/referenceEngine';

/** More do not help a model of this size and take the cores that the editor needs. */
const MOST_AUTOMATIC_THREADS = 4;

/** Throws `engineUnavailable` when the chosen engine cannot run here. `threads` 0: by the number of cores. */
export async function createEngine(
  choice: EngineChoice,
  weights: ModelWeights,
  threads: number,
): Promise<Engine> {
  switch (choice) {
    case 'auto':
    case 'onnx':
      return createOnnxEngine(weights, {
        threads: threads || Math.min(MOST_AUTOMATIC_THREADS, availableParallelism()),
      });
    case 'cpu':
      return createCpuEngine(weights, { threads, programFolder: __dirname });
    case 'reference':
      return createReferenceEngine(weights);
  }
}
