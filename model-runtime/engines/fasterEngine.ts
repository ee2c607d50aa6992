import { log } from '../log';
import type { WeightsChoice } from '../protocol/messages';
import type { LoadWeights } from './createEngine';
import type { Engine } from './engine';
import { openGpu } from './webgpu/gpuContext';
import { hasGraphicsDevice } from './webgpu/graphicsDevice';
import { createWebgpuEngine } from './webgpu/webgpuEngine';

const MEASURED_TOKENS = 5;

/** The webgpu engine where this machine has a real GPU for it; otherwise nothing, and a line in the log. */
export async function createGpuEngine(
  loadWeights: LoadWeights,
  kept: WeightsChoice,
): Promise<Engine | undefined> {
  if (process.platform === 'linux' && !hasGraphicsDevice()) {
    log('runtime.load', 'No GPU is used. Linux shows none to this process.');
    return undefined;
  }
  try {
    // First of all: most machines without a GPU do not read the weights for it.
    const gpu = await openGpu();
    const weights = await loadWeights().catch((error: unknown) => {
      gpu.dispose();
      throw error;
    });
    return await createWebgpuEngine(weights, { gpu, weights: kept });
  } catch (error) {
    // Whatever it is: the processor's engine is there and goes on.
    log(
      'runtime.load',
      `No GPU is used. ${error instanceof Error ? error.message : String(error)}`,
    );
    return undefined;
  }
}

/** Whether `candidate` decodes a token faster than `current` right now. Neither may be in use. */
export async function isFaster(candidate: Engine, current: Engine): Promise<boolean> {
  const candidateMs = await decodeMs(candidate);
  const currentMs = await decodeMs(current);
  const { name, device, features = [] } = candidate.info;
  log(
    'runtime.load',
    `${name} (${device}; ${features.join(', ')}): ${candidateMs.toFixed(2)} ms a token, ${current.info.name} ${currentMs.toFixed(2)} ms`,
  );
  return candidateMs < currentMs;
}

/** Milliseconds of the fastest of a few tokens; the first one is not counted. */
async function decodeMs(engine: Engine): Promise<number> {
  const state = engine.createState();
  let fastest = Infinity;
  try {
    for (let token = 0; token <= MEASURED_TOKENS; token++) {
      const start = performance.now();
      await engine.decode(token % engine.info.vocabSize, state);
      if (token > 0) fastest = Math.min(fastest, performance.now() - start);
    }
  } finally {
    state.dispose();
  }
  return fastest;
}
