import type { SubjectSpec } from '../protocol';
import { importNodeLlamaCpp } from './nodeLlamaCpp';
import type { Subject } from './subject';

/** Longest prompt and its continuation unless more is asked for; a recurrent state does not grow with it. */
const CONTEXT_TOKENS = 4096;
const BATCH_TOKENS = 512;
const GREEDY = { temperature: 0, yieldEogToken: true };

/**
 * llama.cpp on the CPU through node-llama-cpp's prebuilt binary. Checkpoints of the state are off: they would be timed
 * with the tokens, and ours are not either.
 */
export async function createLlamaSubject(spec: SubjectSpec): Promise<Subject> {
  const { threads, modelPath, benchFolder } = spec;
  const { getLlama } = await importNodeLlamaCpp(benchFolder);
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    maxThreads: threads,
    logLevel: 'error',
  });
  const model = await llama.loadModel({ modelPath });
  const context = await model.createContext({
    contextSize: spec.contextTokens ?? CONTEXT_TOKENS,
    batchSize: BATCH_TOKENS,
    // Of no effect without attention. With it, the other way holds a batch's scores against the whole context.
    flashAttention: true,
    threads: { ideal: threads, min: threads },
  });
  const sequence = context.getSequence({ checkpoints: { interval: false, max: 0 } });
  let running: AsyncGenerator<number, void, number | undefined> | undefined;
  const stop = async () => {
    await running?.return();
    running = undefined;
  };
  return {
    info: {
      engine: 'llama.cpp',
      weights: spec.weights,
      arithmetic: spec.weights === 'Q8_0' ? 'int8' : 'f32',
      threads,
    },
    async reset() {
      await stop();
      await sequence.clearHistory();
    },
    async prefill(tokens) {
      await stop();
      running = sequence.evaluate([...tokens], GREEDY);
      return nextToken(await running.next());
    },
    async decode(token) {
      if (running === undefined) throw new Error('decode needs a prefill before it');
      return nextToken(await running.next(token));
    },
    async logits(prompt, ids) {
      await stop();
      await sequence.clearHistory();
      const last = prompt.at(-1);
      if (last === undefined) throw new Error('a prompt has at least one token');
      const results = await sequence.controlledEvaluate([
        ...prompt.slice(0, -1),
        [last, { generateNext: { logits: { filter: { tokens: ids } } } }],
      ]);
      const logits = results.at(-1)?.next.logits;
      return ids.map((id) => logits?.get(id) ?? NaN);
    },
  };
}

function nextToken(result: IteratorResult<number, void>): number {
  if (result.done) throw new Error('llama.cpp stopped generating');
  return result.value;
}
