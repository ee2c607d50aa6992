import type * as onnxruntime from 'onnxruntime-node';
import { GRAPH_VALUES, writeModelGraph } from '../../model-runtime/engines/onnx/modelGraph';
import { loadOnnxRuntime } from '../../model-runtime/engines/onnx/onnxSession';
import { StatePool } from '../../model-runtime/engines/onnx/statePool';
import type { ModelWeights } from '../../model-runtime/model/weights';
import { spreadOf } from '../statistics';

/** The onnx engine's graph on onnxruntime's WebGPU provider, or why it does not run there. */
export interface OnnxResult {
  provider: string;
  /** Wall clock of one run of the graph; states go in and out through the host's memory. */
  prefill?: { tokens: number; ms: number };
  decodeMs?: number;
  /** Whether some operators ran on the processor because the provider has no kernel for them. */
  fallsBack?: boolean;
  problem?: string;
}

const PREFILL_TOKENS = 2048;

/** `provider` is `webgpu`, or `cpu` to see that the graph is right. */
export async function measureOnnx(
  weights: ModelWeights,
  provider: 'webgpu' | 'cpu',
  tokens = PREFILL_TOKENS,
): Promise<OnnxResult> {
  try {
    const ort = await loadOnnxRuntime();
    const graph = writeModelGraph(weights, 'f32');
    const create = (fallsBack: boolean) =>
      ort.InferenceSession.create(graph.model, {
        executionProviders: [provider],
        graphOptimizationLevel: 'basic',
        logSeverityLevel: 4,
        externalData: [{ path: graph.externalPath, data: graph.externalData }],
        extra: { session: { disable_cpu_ep_fallback: fallsBack ? '0' : '1' } },
      });
    let fallsBack = false;
    const session = await create(false).catch(() => {
      fallsBack = true;
      return create(true);
    });
    const prefillMs = await timeRuns(ort, session, weights, tokens, 5);
    const decodeMs = await timeRuns(ort, session, weights, 1, 50);
    await session.release();
    return { provider, fallsBack, prefill: { tokens, ms: prefillMs }, decodeMs };
  } catch (error) {
    return { provider, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Median milliseconds of reading `count` tokens from an empty state to the last one's logits. */
async function timeRuns(
  ort: typeof onnxruntime,
  session: onnxruntime.InferenceSession,
  weights: ModelWeights,
  count: number,
  rounds: number,
): Promise<number> {
  const { vocabSize } = weights.config;
  const pool = new StatePool(ort, weights.config, 2);
  const ids = Int32Array.from({ length: count }, (_, i) => (i * 7919) % vocabSize);
  const before = pool.acquire();
  const after = pool.acquire();
  const logits = new ort.Tensor('float32', new Float32Array(vocabSize), [1, 1, vocabSize]);
  const times: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now();
    await session.run(
      {
        ...before.inputs,
        [GRAPH_VALUES.tokens]: new ort.Tensor('int32', ids, [1, count]),
        [GRAPH_VALUES.rows]: new ort.Tensor('int64', BigInt64Array.of(BigInt(count - 1)), [1]),
      },
      { ...after.outputs, [GRAPH_VALUES.logits]: logits },
    );
    times.push(performance.now() - start);
  }
  return spreadOf(times.slice(1)).median;
}
