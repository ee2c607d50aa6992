import type { LoadedModel } from '../model-runtime/model/loadModel';
import { cachedGguf } from './gguf/writeModel';
import type { EngineChoice } from './options';
import type { SubjectSpec } from './protocol';

export interface Places {
  modelFolder: string;
  benchFolder: string;
  /** Where GGUF files are kept; ignored by git. */
  cacheFolder: string;
}

/** The processes to start. Writes the GGUF files that llama.cpp needs. */
export async function planSubjects(
  choices: readonly EngineChoice[],
  threads: readonly number[],
  llamaWeights: readonly ('Q8_0' | 'Q4_0' | 'F32')[],
  model: LoadedModel,
  places: Places,
): Promise<SubjectSpec[]> {
  const { modelFolder, benchFolder, cacheFolder } = places;
  const specs: SubjectSpec[] = [];
  for (const choice of choices) {
    if (choice.engine === 'llama.cpp') {
      for (const weights of llamaWeights) {
        const modelPath = await cachedGguf(modelFolder, cacheFolder, weights, model);
        for (const count of threads) {
          specs.push({ engine: 'llama.cpp', weights, threads: count, modelPath, benchFolder });
        }
      }
    } else {
      const modelPath = modelFolder;
      // The reference engine has one thread whatever it is asked for.
      for (const count of choice.engine === 'reference' ? [1] : threads) {
        const weights = choice.weights ?? 'int8';
        specs.push({ ...choice, weights, threads: count, modelPath, benchFolder });
      }
    }
  }
  // Neighbours in a round are the engines on the same number of threads.
  return specs.sort((a, b) => a.threads - b.threads);
}
