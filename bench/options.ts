import { parseArgs } from 'node:util';
import { ENGINE_NAMES, type BenchEngineName } from './protocol';

/** An engine to measure and, where it has a choice, its arithmetic. */
export interface EngineChoice {
  engine: BenchEngineName;
  arithmetic?: 'f32' | 'int8';
}

export interface BenchOptions {
  engines: EngineChoice[];
  threads: number[];
  /** Tokens decoded in one round. */
  decodeTokens: number;
  /** Lengths of the prompts whose reading is timed. */
  prefillTokens: number[];
  rounds: number;
  modelFolder: string | undefined;
  json: boolean;
  verify: boolean;
  help: boolean;
}

export const USAGE = `Measures ms per decoded token and per prefill, memory and load time.

npm run bench -- [options]
  --engine LIST    ${ENGINE_NAMES.join(', ')} or all (default: all but reference, which is slow by design).
                   llama.cpp with the same weights is always measured beside the others; --alone leaves it out.
                   onnx:f32 and onnx:int8 choose the arithmetic of onnx.
  --alone          measure only the engines named
  --threads LIST   default 1,2
  --tokens N       tokens decoded a round, default 32
  --prefill LIST   prompt lengths, default 64,256
  --rounds N       default 5; medians are over all rounds
  --model FOLDER   default: the shipped model
  --json           one JSON object on standard output (npm run --silent bench -- --json keeps npm's lines out)
  --verify         no timing: compare every engine's logits and text with the golden file
  --help`;

/** Throws an Error for people when an argument makes no sense. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      engine: { type: 'string', multiple: true, default: [] },
      alone: { type: 'boolean', default: false },
      threads: { type: 'string', default: '1,2' },
      tokens: { type: 'string', default: '32' },
      prefill: { type: 'string', default: '64,256' },
      rounds: { type: 'string', default: '5' },
      model: { type: 'string' },
      json: { type: 'boolean', default: false },
      verify: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    engines: parseEngines(values.engine, values.alone),
    threads: parseCounts('--threads', values.threads),
    decodeTokens: parseCount('--tokens', values.tokens),
    prefillTokens: parseCounts('--prefill', values.prefill),
    rounds: parseCount('--rounds', values.rounds),
    modelFolder: values.model,
    json: values.json,
    verify: values.verify,
    help: values.help,
  };
}

function parseEngines(lists: readonly string[], alone: boolean): EngineChoice[] {
  const names = lists.flatMap((list) => list.split(','));
  if (names.length === 0) names.push('onnx');
  const choices = names.flatMap((name) =>
    name === 'all' ? ENGINE_NAMES.map((engine) => ({ engine })) : [parseEngine(name)],
  );
  const isCompared = choices.some(({ engine }) => engine === 'llama.cpp');
  return alone || isCompared ? choices : [...choices, { engine: 'llama.cpp' }];
}

function parseEngine(text: string): EngineChoice {
  const [name, arithmetic] = text.split(':');
  const engine = ENGINE_NAMES.find((known) => known === name);
  if (engine === undefined) {
    throw new Error(`--engine ${text}: the engines are ${ENGINE_NAMES.join(', ')} and all`);
  }
  if (arithmetic === undefined) return { engine };
  if (engine !== 'onnx' || (arithmetic !== 'f32' && arithmetic !== 'int8')) {
    throw new Error(`--engine ${text}: only onnx has a choice, onnx:f32 or onnx:int8`);
  }
  return { engine, arithmetic };
}

function parseCounts(option: string, list: string): number[] {
  return list.split(',').map((text) => parseCount(option, text));
}

function parseCount(option: string, text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) {
    throw new Error(`${option} ${text}: a whole number from 1 is needed`);
  }
  return count;
}
