import { resolve } from 'node:path';
import type { Engine } from '../../model-runtime/engines/engine';
import { createEngine as createRuntimeEngine } from '../../model-runtime/engines/createEngine';
import { createOnnxEngine } from '../../model-runtime/engines/onnx/onnxEngine';
import { createReferenceEngine } from '../../model-runtime/engines/reference/referenceEngine';
import { createWebgpuEngine } from '../../model-runtime/engines/webgpu/webgpuEngine';
import { openModel } from '../../model-runtime/model/loadModel';
import type { WeightsChoice } from '../../model-runtime/protocol/messages';
import { argmax } from '../../model-runtime/sampling/sample';
import type { SubjectSpec } from '../protocol';
import type { Subject } from './subject';

/** Bundled to dist/bench/worker.js; the kernels lie in dist. */
const PROGRAM_FOLDER = resolve(__dirname, '..');

/** One of our engines as the runtime would use it: prompts in chunks of at most `maxChunkTokens`. */
export async function createEngineSubject(spec: SubjectSpec): Promise<Subject> {
  const engine = await createEngine(spec);
  const state = engine.createState();
  const read = async (tokens: readonly number[]): Promise<Float32Array> => {
    const { maxChunkTokens } = engine.info;
    let logits: Float32Array = new Float32Array();
    for (let start = 0; start < tokens.length; start += maxChunkTokens) {
      const chunk = Int32Array.from(tokens.slice(start, start + maxChunkTokens));
      const rows = start + maxChunkTokens < tokens.length ? 'none' : 'last';
      logits = await engine.prefill(chunk, state, { rows });
    }
    return logits;
  };
  const likeliestOf = (logits: Float32Array) => engine.topK?.(logits)?.tokens[0] ?? argmax(logits);
  const { name, weights: storage, arithmetic, threads } = engine.info;
  return {
    info: { engine: name, weights: storage, arithmetic, threads },
    settle: async () => engine.settle?.(),
    reset: () => Promise.resolve(state.reset()),
    prefill: async (tokens) => likeliestOf(await read(tokens)),
    decode: async (token) => likeliestOf(await engine.decode(token, state)),
    async logits(prompt, ids) {
      state.reset();
      const logits = await read(prompt);
      return ids.map((id) => logits[id] ?? NaN);
    },
  };
}

async function createEngine(spec: SubjectSpec): Promise<Engine> {
  const { loadWeights } = await openModel(spec.modelPath);
  const { threads, arithmetic } = spec;
  const weights: WeightsChoice = spec.weights === 'int4' ? 'int4' : 'int8';
  switch (spec.engine) {
    case 'cpu': {
      const options = { engine: spec.engine, threads, weights, programFolder: PROGRAM_FOLDER };
      return createRuntimeEngine(options, loadWeights);
    }
    case 'onnx':
      return createOnnxEngine(
        await loadWeights(),
        arithmetic ? { threads, arithmetic } : { threads },
      );
    case 'webgpu':
      return createWebgpuEngine(await loadWeights(), { weights });
    case 'reference':
      return createReferenceEngine(await loadWeights());
    case 'llama.cpp':
      throw new Error('llama.cpp is not one of our engines');
  }
}
