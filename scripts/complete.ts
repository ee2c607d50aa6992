import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  CompletionSession,
  type CompletionResult,
} from '../extension/completion/completionSession';
import { DocumentMirror } from '../extension/completion/documentMirror';
import { modelPath } from '../extension/completion/modelPath';
import { TrackedCompletion } from '../extension/completion/trackedCompletion';
import { SuggestionMemory } from '../extension/completion/typingAsSuggested';
import { parseSettings } from '../extension/settings/parse';
import type { EngineChoice, WeightsChoice } from '../model-runtime/protocol/messages';
import { fileTextSource } from './fileTextSource';
import { parseCursor } from './parseCursor';
import { scriptLogger, startRuntime } from './startRuntime';

const USAGE = `usage: npm run complete -- FILE:LINE:COL [--model FOLDER] [--engine auto|webgpu|cpu|onnx|reference] [--threads N] [--weights int8|int4] [--json] [--verbose]

Prints what Mamba Complete would suggest at that cursor (both counted from 1), by the same runtime process, model and
rules as in the editor. --json prints {completion, promptTokens, prefillMs, decodeMs, tokensPerSecond, ...} instead.`;

const ENGINES: readonly EngineChoice[] = ['auto', 'webgpu', 'cpu', 'onnx', 'reference'];
const WEIGHTS: readonly WeightsChoice[] = ['int8', 'int4'];

interface Options {
  target: string;
  modelFolder: string | undefined;
  engine: EngineChoice;
  threads: number;
  weights: WeightsChoice;
  isJson: boolean;
  isVerbose: boolean;
}

/** Throws with a message for the user. */
function parseOptions(args: string[]): Options | 'help' {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      model: { type: 'string' },
      engine: { type: 'string', default: 'auto' },
      threads: { type: 'string', default: '0' },
      weights: { type: 'string', default: 'int8' },
      json: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const [target, ...surplus] = positionals;
  if (target === undefined || surplus.length > 0) throw new Error('Name one FILE:LINE:COL.');
  const engine = ENGINES.find((name) => name === values.engine);
  if (!engine) throw new Error(`--engine is one of ${ENGINES.join(', ')}.`);
  const threads = Number(values.threads);
  if (!Number.isInteger(threads) || threads < 0) throw new Error('--threads is a number from 0.');
  const weights = WEIGHTS.find((name) => name === values.weights);
  if (!weights) throw new Error(`--weights is one of ${WEIGHTS.join(', ')}.`);
  return {
    ...{ target, modelFolder: values.model, engine, threads, weights },
    isJson: values.json,
    isVerbose: values.verbose,
  };
}

async function complete(options: Options): Promise<void> {
  const cursor = parseCursor(options.target);
  const source = fileTextSource(cursor.file, readFileSync(cursor.file, 'utf8'));
  const fromHere = path.relative(process.cwd(), cursor.file);
  const isInWorkspace = !fromHere.startsWith('..') && !path.isAbsolute(fromHere);
  const logger = scriptLogger(options.isVerbose);
  const { modelFolder, engine, threads, weights } = options;
  const client = startRuntime({ modelFolder, engine, threads, weights }, logger);
  try {
    const mirror = new DocumentMirror({
      send: (message) => {
        client.notify(message);
      },
      nextTurn,
    });
    const tracked = new TrackedCompletion(client, mirror, logger);
    await client.whenReady();
    const session = new CompletionSession(tracked, new SuggestionMemory());
    const result = await session.suggest(
      {
        source,
        position: { line: cursor.line - 1, character: cursor.column - 1 },
        path: modelPath({
          path: isInWorkspace ? fromHere : cursor.file,
          isInWorkspace,
          languageId: source.languageId,
          hasOwnExtension: true,
        }),
        isExplicit: true,
        isPatient: true,
        settings: { ...parseSettings(() => undefined).settings, suggestAhead: false },
      },
      new AbortController().signal,
    );
    const { health } = client;
    report(options, result, health.state === 'ready' ? health.engine.name : 'none');
  } finally {
    await client.stop();
  }
}

function report(options: Options, result: CompletionResult, engine: string): void {
  if (result.kind === 'failed') throw result.error;
  if (result.kind === 'skipped') throw new Error(`Nothing is completed here: ${result.reason}.`);
  if (result.kind === 'canceled') throw new Error('The request was canceled.');
  const completion = result.kind === 'success' ? result.suggestion.insertText : '';
  const {
    promptTokens = 0,
    prefillMs = 0,
    generatedTokens = 0,
    decodeMs = 0,
  } = result.figures ?? {};
  const tokensPerSecond = decodeMs > 0 ? (generatedTokens / decodeMs) * 1000 : 0;
  if (options.isJson) {
    const figures = { promptTokens, prefillMs, generatedTokens, decodeMs, tokensPerSecond };
    process.stdout.write(`${JSON.stringify({ completion, engine, ...figures })}\n`);
    return;
  }
  process.stdout.write(`${completion}\n`);
  process.stderr.write(
    `${engine}: ${promptTokens} prompt tokens in ${prefillMs.toFixed(0)} ms, ` +
      `${generatedTokens} tokens in ${decodeMs.toFixed(0)} ms (${tokensPerSecond.toFixed(1)} tokens/s)\n`,
  );
}

async function main(): Promise<void> {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options === 'help') process.stdout.write(`${USAGE}\n`);
    else await complete(options);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
    process.exitCode = 1;
  }
}

void main();
