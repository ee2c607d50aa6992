// Prepares models for the product.
// usage: npm run model -- convert FOLDER OUT [--name NAME]
import { parseArgs } from 'node:util';
import { convertModel } from './convertModel';

const USAGE = `usage: npm run model -- convert FOLDER OUT [--name NAME]

Converts FOLDER (config.json, tokenizer.json, model.safetensors, named as in state-spaces/mamba)
into the model folder OUT that Mamba Complete loads. See docs/model-format.md.`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { name: { type: 'string' }, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  const [command, source, target, ...rest] = positionals;
  if (values.help) {
    console.log(USAGE);
    return;
  }
  if (command !== 'convert' || source === undefined || target === undefined || rest.length > 0) {
    throw new Error(USAGE);
  }
  const { info } = await convertModel(source, target, values.name);
  const millions = (info.parameters / 1e6).toFixed(1);
  const megabytes = (info.weightsSizeBytes / 1e6).toFixed(1);
  console.log(`${info.name}: ${info.architecture}, ${millions} M parameters, ${megabytes} MB`);
  console.log(`written to ${target}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
