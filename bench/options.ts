import { parseArgs } from 'node:util';
import { ENGINE_NAMES, type BenchEngineName } from './protocol';
import { wholeNumber } from '../scripts/wholeNumber';

/** An engine to measure and, where it has a choice, its arithmetic. */
export interface EngineChoice {
  engine: BenchEngineName;
  arithmetic?: 'f32' | 'int8';
  weights?: 'int8' | 'int4';
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
  --engine LIST    ${ENGINE_NAMES.join(', ')} or all (reference is slow by design); default cpu.
                   cpu stands for cpu:int8 and cpu:int4; each of the three brings onnx:int8 along when no onnx is named.
                   webgpu:int4 makes int4 weights; webgpu alone has the shipped int8 ones.
                   onnx:f32 and onnx:int8 choose the arithmetic of onnx.
                   llama.cpp with the same weights is measured beside them: Q8_0, and Q4_0 too when int4 is measured.
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
    decodeTokens: wholeNumber('--tokens', values.tokens),
    prefillTokens: parseCounts('--prefill', values.prefill),
    rounds: wholeNumber('--rounds', values.rounds),
    modelFolder: values.model,
    json: values.json,
    verify: values.verify,
    help: values.help,
  };
}

function parseEngines(lists: readonly string[], alone: boolean): EngineChoice[] {
  const names = lists.flatMap((list) => list.split(','));
  if (names.length === 0) names.push('cpu');
  const choices = names.flatMap((name) =>
    name === 'all' ? ENGINE_NAMES.flatMap((each) => parseEngine(each)) : parseEngine(name),
  );
  const hasCpu = choices.some(({ engine }) => engine === 'cpu');
  const hasOnnx = choices.some(({ engine }) => engine === 'onnx');
  if (hasCpu && !hasOnnx && !alone) choices.push({ engine: 'onnx', arithmetic: 'int8' });
  const isCompared = choices.some(({ engine }) => engine === 'llama.cpp');
  return alone || isCompared ? choices : [...choices, { engine: 'llama.cpp' }];
}

function parseEngine(text: string): EngineChoice[] {
  const [name, choice] = text.split(':');
  const engine = ENGINE_NAMES.find((known) => known === name);
  if (engine === undefined) {
    throw new Error(`--engine ${text}: the engines are ${ENGINE_NAMES.join(', ')} and all`);
  }
  if (engine === 'cpu' && choice === undefined) {
    return [
      { engine, weights: 'int8' },
      { engine, weights: 'int4' },
    ];
  }
  if (choice === undefined) return [{ engine }];
  const hasInt4 = engine === 'cpu' || engine === 'webgpu';
  if (hasInt4 && (choice === 'int8' || choice === 'int4')) {
    return [{ engine, weights: choice }];
  }
  if (engine === 'onnx' && (choice === 'f32' || choice === 'int8')) {
    return [{ engine, arithmetic: choice }];
  }
  throw new Error(
    `--engine ${text}: the choices are int8 and int4 for cpu and webgpu, f32 and int8 for onnx`,
  );
}

function parseCounts(option: string, list: string): number[] {
  return list.split(',').map((text) => wholeNumber(option, text));
}
