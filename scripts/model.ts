// Prepares models for the product.
// usage: npm run model -- add FOLDER_OR_FILE [--weights int8|int4] [--to DIR] [--name NAME]
//        npm run model -- convert FOLDER_OR_FILE OUT [--name NAME]
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { importModel } from '../model-runtime/import/importModel';
import { inspectCheckpoint } from '../model-runtime/import/inspectCheckpoint';
import { modelFolderName } from '../model-runtime/protocol/modelLibrary';
import { convertModel } from './convertModel';

const USAGE = `usage: npm run model -- add FOLDER_OR_FILE [--weights int8|int4] [--to DIR] [--name NAME]
       npm run model -- convert FOLDER_OR_FILE OUT [--name NAME]

Makes a model that Mamba Complete loads of a checkpoint: a folder with config.json, tokenizer.json and safetensors, named as
state-spaces/mamba or transformers names them, or a GGUF file of the architectures mamba and mamba2. See docs/models.md.
«add» puts it into a folder of its own below DIR, by default where the extension keeps its models; «convert» makes the folder OUT.`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      name: { type: 'string' },
      weights: { type: 'string', default: 'int8' },
      to: { type: 'string' },
      help: { type: 'boolean' },
    },
    allowPositionals: true,
  });
  const [command, source, target, ...rest] = positionals;
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const weights = values.weights === 'int4' ? 'int4' : 'int8';
  if (source === undefined || rest.length > 0 || weights !== values.weights) throw new Error(USAGE);
  if (command === 'convert' && target !== undefined) {
    const { info } = await convertModel(source, target, values.name, weights);
    console.log(
      `${info.name}: ${info.architecture}, ${sizes(info.parameters, info.weightsSizeBytes)}`,
    );
    console.log(`written to ${target}`);
  } else if (command === 'add' && target === undefined) {
    await add(source, values.to ?? extensionStorage(), weights, values.name);
  } else {
    throw new Error(USAGE);
  }
}

async function add(
  source: string,
  library: string,
  weights: 'int8' | 'int4',
  chosenName: string | undefined,
): Promise<void> {
  mkdirSync(library, { recursive: true });
  const summary = await inspectCheckpoint(source, library);
  const name = chosenName ?? summary.name;
  const target = path.join(library, modelFolderName(name));
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`;
  console.log(`${name}: ${summary.architecture}, ${sizes(summary.parameters, summary.diskBytes)}`);
  console.log(
    `needs ${gigabytes(summary.memoryBytes[weights])} of memory; this machine has ${gigabytes(summary.totalMemoryBytes)}`,
  );
  console.log(
    `asked with infill «${summary.infill}», ends at ${summary.stop.join(' ') || 'special tokens'}`,
  );
  const abort = new AbortController();
  process.once('SIGINT', () => {
    abort.abort(new Error('Given up; nothing was left behind.'));
  });
  let told = '';
  await importModel({
    source,
    target,
    name,
    weights,
    signal: abort.signal,
    onProgress: (phase, done, total) => {
      const line = `${phase} ${Math.floor((100 * done) / total)} %`;
      if (line !== told && process.stdout.isTTY) process.stdout.write(`\r${line}  `);
      told = line;
    },
  });
  const megabytes = (process.resourceUsage().maxRSS / 1024).toFixed(0);
  console.log(`\nwritten to ${target} (${megabytes} MB of memory at most)`);
}

function sizes(parameters: number, bytes: number): string {
  return `${(parameters / 1e6).toFixed(1)} M parameters, ${(bytes / 1e6).toFixed(1)} MB`;
}

/** VS Code's folder for what the extension keeps on this machine, with the models in it. */
function extensionStorage(): string {
  const { APPDATA, XDG_CONFIG_HOME } = process.env;
  const config =
    process.platform === 'win32'
      ? (APPDATA ?? path.join(homedir(), 'AppData/Roaming'))
      : process.platform === 'darwin'
        ? path.join(homedir(), 'Library/Application Support')
        : (XDG_CONFIG_HOME ?? path.join(homedir(), '.config'));
  return path.join(config, 'Code/User/globalStorage/mamba-complete.mamba-complete/models');
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
