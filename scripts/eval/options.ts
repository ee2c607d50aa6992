import { parseSettings } from '../../extension/settings/parse';
import { settingKeys, type Settings } from '../../extension/settings/table';
import type { EngineChoice, WeightsChoice } from '../../model-runtime/protocol/messages';
import { wholeNumber } from '../wholeNumber';

const ENGINES: readonly EngineChoice[] = ['auto', 'webgpu', 'cpu', 'onnx', 'reference'];
const WEIGHTS: readonly WeightsChoice[] = ['int8', 'int4'];

/** Options of `parseArgs` that the evaluations have in common. */
export const COMMON_OPTIONS = {
  tasks: { type: 'string' },
  engine: { type: 'string', default: 'cpu' },
  weights: { type: 'string', default: 'int8' },
  threads: { type: 'string', default: '0' },
  model: { type: 'string' },
  limit: { type: 'string' },
  set: { type: 'string', multiple: true, default: [] as string[] },
  without: { type: 'string', multiple: true, default: [] as string[] },
  replay: { type: 'string' },
  'close-brackets': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

export interface CommonOptions {
  tasksFile: string;
  engine: EngineChoice;
  weights: WeightsChoice;
  /** 0: the runtime chooses. */
  threads: number;
  /** Absent: the shipped model. */
  modelFolder: string | undefined;
  limit: number;
  settings: Settings;
  without: ReadonlySet<string>;
  replay: string | undefined;
  isClosedByEditor: boolean;
}

interface CommonValues {
  tasks?: string | undefined;
  engine: string;
  weights: string;
  threads: string;
  model?: string | undefined;
  limit?: string | undefined;
  set: string[];
  without: string[];
  replay?: string | undefined;
  'close-brackets': boolean;
}

/** Throws with a message for the user. */
export function commonOptions(values: CommonValues): CommonOptions {
  if (values.tasks === undefined) throw new Error('Name a file of tasks with --tasks.');
  const engine = parseEngine(values.engine);
  const weights = parseWeights(values.weights);
  const limit = Number(values.limit ?? Number.MAX_SAFE_INTEGER);
  if (!Number.isInteger(limit) || limit < 1) throw new Error('--limit is a number from 1.');
  return {
    tasksFile: values.tasks,
    engine,
    weights,
    threads: wholeNumber('--threads', values.threads, 0),
    modelFolder: values.model,
    limit,
    settings: settingsWith(values.set),
    without: new Set(values.without),
    replay: values.replay,
    isClosedByEditor: values['close-brackets'],
  };
}

/** Throws with a message for the user. */
export function parseEngine(text: string): EngineChoice {
  const engine = ENGINES.find((name) => name === text);
  if (!engine) throw new Error(`--engine is one of ${ENGINES.join(', ')}.`);
  return engine;
}

/** Throws with a message for the user. */
export function parseWeights(text: string): WeightsChoice {
  const weights = WEIGHTS.find((name) => name === text);
  if (!weights) throw new Error(`--weights is one of ${WEIGHTS.join(', ')}.`);
  return weights;
}

/** The defaults with some of them changed, each `key=value`. */
function settingsWith(changes: readonly string[]): Settings {
  const changed = new Map(changes.map((change) => splitOnce(change)));
  const unknown = [...changed.keys()].find((key) => !settingKeys.some((known) => known === key));
  if (unknown !== undefined) throw new Error(`There is no setting «${unknown}».`);
  const { settings, problems } = parseSettings((key) => changed.get(key));
  if (problems[0] !== undefined) throw new Error(problems[0]);
  return settings;
}

function splitOnce(change: string): [string, unknown] {
  const at = change.indexOf('=');
  const value = change.slice(at + 1);
  try {
    return [change.slice(0, at), JSON.parse(value)];
  } catch {
    // Names of choices stand without quotes.
    return [change.slice(0, at), value];
  }
}
