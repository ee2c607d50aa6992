// npm run bench:state: what an edit costs in documents of different lengths, beside llama.cpp. See docs/benchmarks.md.
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadModel } from '../../model-runtime/model/loadModel';
import { ModelTokenizer } from '../../model-runtime/tokenizer/modelTokenizer';
import { cachedGguf } from '../gguf/writeModel';
import { ensureLlamaInstalled } from '../installLlama';
import { measureLlama } from './llamaDocuments';
import { measureOurs, type OurResult, type StateResult } from './ourDocuments';
import { stateDocument } from './script';
import { wholeNumber } from '../../scripts/wholeNumber';

// Bundled to dist/bench/state.js.
const REPOSITORY = resolve(__dirname, '..', '..');
const BENCH_FOLDER = join(REPOSITORY, 'bench');
const MODEL_FOLDER = join(REPOSITORY, 'models', 'mamba-complete-1');

const USAGE = `Measures the tokens read and the time to the first token after a change, by document length.

npm run bench:state -- [options]
  --lengths LIST       tokens, default 200,2000,20000,100000
  --threads N          default 2
  --llama-tokens N     llama.cpp is measured up to this length, default 20000 (it reads a changed document again); 0: never
  --json               {results: [{engine, documentTokens, change, tokensRead, ms}]} on standard output
  --help`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      lengths: { type: 'string', default: '200,2000,20000,100000' },
      threads: { type: 'string', default: '2' },
      'llama-tokens': { type: 'string', default: '20000' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const lengths = values.lengths.split(',').map((text) => wholeNumber('--lengths', text, 1));
  const threads = wholeNumber('--threads', values.threads, 1);
  const mostLlamaTokens = wholeNumber('--llama-tokens', values['llama-tokens'], 0);

  const model = await loadModel(MODEL_FOLDER);
  const tokenizer = new ModelTokenizer(model.tokenizerJson, model.weights.config.vocabSize);
  const documents = lengths.map((length) => stateDocument(REPOSITORY, length, tokenizer));
  const ours = await measureOurs(model, documents, threads, join(REPOSITORY, 'dist'), say);
  const compared = documents.filter((_, i) => (lengths[i] ?? 0) <= mostLlamaTokens);
  const theirs =
    compared.length > 0 && (await ensureLlamaInstalled(BENCH_FOLDER, say))
      ? await measureLlama(model, compared, threads, BENCH_FOLDER, await gguf(), say)
      : [];
  const results: (StateResult | OurResult)[] = [...ours, ...theirs];
  if (values.json) console.log(JSON.stringify({ results }, undefined, 2));
  else for (const result of results) console.log(row(result));

  async function gguf(): Promise<string> {
    return cachedGguf(MODEL_FOLDER, join(BENCH_FOLDER, '.cache'), 'Q8_0', model);
  }
}

function row(result: StateResult | OurResult): string {
  const { engine, documentTokens, change, tokensRead, ms } = result;
  const bytes = 'stateBytes' in result ? `${(result.stateBytes / 2 ** 20).toFixed(0)} MB` : '';
  return [
    engine.padEnd(10),
    String(documentTokens).padStart(7),
    change.padEnd(7),
    `${tokensRead} tokens`.padStart(14),
    `${ms.toFixed(1)} ms`.padStart(12),
    bytes.padStart(8),
  ].join('  ');
}

/** Progress goes to standard error: standard output may be JSON. */
function say(line: string): void {
  console.error(line);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
