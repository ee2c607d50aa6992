import { loadModel, type LoadedModel } from '../model-runtime/model/loadModel';
import { importModel } from '../model-runtime/import/importModel';
import type { WeightsChoice } from '../model-runtime/protocol/messages';

/**
 * Converts a checkpoint (`openCheckpoint`) into a model folder of the product at `target` and loads it once as the product
 * would. Errors: those of `importModel` and `loadModel`.
 */
export async function convertModel(
  source: string,
  target: string,
  name?: string,
  weights: WeightsChoice = 'int8',
): Promise<LoadedModel> {
  await importModel({ source, target, name, weights, signal: new AbortController().signal });
  return loadModel(target);
}
