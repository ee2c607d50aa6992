import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// The part of node-llama-cpp 3.22.1 that is used. Its own types are only there once bench/ is installed.
export interface LlamaSequence {
  /** Tokens that the state has read. */
  readonly nextTokenIndex: number;
  /** Goes back to the longest common prefix that the state, or a checkpoint of it, can be brought to. */
  adaptStateToTokens(tokens: number[], allowShift: boolean): Promise<void>;
  evaluateWithoutGeneratingNewTokens(tokens: number[]): Promise<void>;
  takeCheckpoint(): Promise<void>;
  clearHistory(): Promise<void>;
  /** Yields the next token; `next(token)` reads `token` instead of the one yielded. */
  evaluate(
    tokens: number[],
    options: { temperature: number; yieldEogToken: boolean },
  ): AsyncGenerator<number, void, number | undefined>;
  controlledEvaluate(
    input: (
      number | [number, { generateNext: { logits: { filter: { tokens: readonly number[] } } } }]
    )[],
  ): Promise<({ next: { logits?: ReadonlyMap<number, number> } } | undefined)[]>;
}

interface LlamaContext {
  getSequence(options: { checkpoints: { interval: number | false; max: number } }): LlamaSequence;
  dispose(): Promise<void>;
}

interface Llama {
  loadModel(options: { modelPath: string }): Promise<{
    createContext(options: {
      contextSize: number;
      batchSize: number;
      flashAttention?: boolean;
      threads: { ideal: number; min: number };
    }): Promise<LlamaContext>;
  }>;
}

interface NodeLlamaCpp {
  getLlama: (options: {
    gpu: false;
    build: 'never';
    maxThreads: number;
    logLevel: 'error';
  }) => Promise<Llama>;
}

/** Where `npm ci` in bench/ puts it. */
export function nodeLlamaCppEntry(benchFolder: string): string {
  return join(benchFolder, 'node_modules', 'node-llama-cpp', 'dist', 'index.js');
}

export function isNodeLlamaCppInstalled(benchFolder: string): boolean {
  return existsSync(nodeLlamaCppEntry(benchFolder));
}

export async function importNodeLlamaCpp(benchFolder: string): Promise<NodeLlamaCpp> {
  const module: unknown = await import(pathToFileURL(nodeLlamaCppEntry(benchFolder)).href);
  if (!isNodeLlamaCpp(module)) throw new Error('node-llama-cpp has no getLlama');
  return module;
}

function isNodeLlamaCpp(module: unknown): module is NodeLlamaCpp {
  return (
    typeof module === 'object' &&
    module !== null &&
    'getLlama' in module &&
    typeof module.getLlama === 'function'
  );
}
