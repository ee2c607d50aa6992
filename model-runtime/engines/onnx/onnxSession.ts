import type * as onnxruntime from 'onnxruntime-node';
import type { InferenceSession } from 'onnxruntime-node';
import { RuntimeError } from '../../protocol/errors';
import type { WrittenGraph } from './graphBuilder';

export type OnnxRuntime = typeof onnxruntime;

/** Loads the native runtime. Throws `engineUnavailable` where this machine has no working copy of it. */
export async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  try {
    return await import('onnxruntime-node');
  } catch (error) {
    throw new RuntimeError(
      'engineUnavailable',
      `onnxruntime-node could not be loaded on ${process.platform}-${process.arch} (${messageOf(error)}). ` +
        'Install the build of Mamba Complete for this platform, or choose another engine in the settings.',
      { cause: error },
    );
  }
}

/** Compiles the graph for the CPU. Throws `outOfMemory`, or `engineUnavailable` where the runtime refuses the graph. */
export async function createSession(
  ort: OnnxRuntime,
  graph: WrittenGraph,
  threads: number,
): Promise<InferenceSession> {
  const options: InferenceSession.SessionOptions = {
    executionProviders: ['cpu'],
    executionMode: 'sequential',
    // The graph is written in fused operators already: higher levels only cost load time.
    graphOptimizationLevel: 'basic',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // Fatal only: errors are thrown with the same text.
    logSeverityLevel: 4,
    externalData: [{ path: graph.externalPath, data: graph.externalData }],
    extra: {
      session: {
        // Decaying states end in denormals, which processors compute slowly.
        set_denormal_as_zero: '1',
        // Waiting threads sleep: see docs/onnx-engine.md for what spinning costs.
        intra_op: { allow_spinning: '0' },
      },
    },
  };
  try {
    return await ort.InferenceSession.create(graph.model, options);
  } catch (error) {
    if (isAllocationFailure(error)) throw outOfMemory('loading the model', error);
    throw new RuntimeError(
      'engineUnavailable',
      `onnxruntime could not compile the model: ${messageOf(error)}. Choose another engine in the settings.`,
      { cause: error },
    );
  }
}

/** Turns a failure of the runtime or of an allocation into a RuntimeError; `doing` completes «while …». */
export function runFailure(doing: string, error: unknown): RuntimeError {
  if (error instanceof RuntimeError) return error;
  if (isAllocationFailure(error)) return outOfMemory(doing, error);
  return new RuntimeError('internal', `onnxruntime failed while ${doing}: ${messageOf(error)}`, {
    cause: error,
  });
}

function outOfMemory(doing: string, cause: unknown): RuntimeError {
  return new RuntimeError(
    'outOfMemory',
    `There was not enough memory while ${doing} (${messageOf(cause)}). ` +
      'Close other programs or lower the memory budget of Mamba Complete in the settings.',
    { cause },
  );
}

/** V8 throws a RangeError for a typed array that does not fit; onnxruntime names its allocator or std::bad_alloc. */
function isAllocationFailure(error: unknown): boolean {
  return /array buffer allocation failed|bad_alloc|failed to allocate|out of memory/i.test(
    messageOf(error),
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
