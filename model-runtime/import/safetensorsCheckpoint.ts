import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import * as v from 'valibot';
import { MANIFEST_FILE, parseManifest } from '../model/manifest';
import { cannotImport } from '../model/modelErrors';
import { parseJson } from '../model/parseJson';
import { headerLength, parseHeader } from '../model/safetensors';
import { EMBEDDING } from '../model/tensorLayout';
import type { Checkpoint, SourceTensor } from './checkpoint';
import { readSourceConfig } from './sourceConfig';
import { openSource, readBytes, readText, readTextIfPresent } from './sourceFiles';

const INDEX_FILE = 'model.safetensors.index.json';
const WEIGHTS_FILE = 'model.safetensors';
/** Who made the weights and from what. */
const NOTICE_FILES = ['LICENSE', 'NOTICE', 'training-data.tsv'];
const HEADER_LENGTH_BYTES = 8;
/** transformers' name of the embedding. */
const EMBEDDINGS = 'backbone.embeddings.weight';

/** Names only: an index must not reach outside its folder. */
const shardName = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]*\.safetensors$/, 'is not a plain name of a safetensors file'),
);
const indexSchema = v.object({ weight_map: v.record(v.string(), shardName) });
const tokenName = v.optional(
  v.nullable(
    v.union([
      v.string(),
      v.pipe(
        v.object({ content: v.string() }),
        v.transform(({ content }) => content),
      ),
    ]),
  ),
);
const tokenizerConfigSchema = v.object({
  bos_token: tokenName,
  eos_token: tokenName,
  model_max_length: v.optional(v.nullable(v.number())),
});
/** Larger numbers stand for «no limit». */
const MOST_CONTEXT_TOKENS = 1e7;

/** `path`: a folder with `config.json`, `tokenizer.json` and weights in one file or in shards, or one such file in it. */
export async function openSafetensors(path: string): Promise<Checkpoint> {
  const isFile = path.endsWith('.safetensors');
  const folder = resolve(isFile ? dirname(path) : path);
  const configPath = join(folder, 'config.json');
  const source = readSourceConfig(await readText(configPath), configPath);
  const present = await readdir(folder);
  const manifestPath = join(folder, MANIFEST_FILE);
  const manifest = present.includes(MANIFEST_FILE)
    ? parseManifest(await readText(manifestPath), manifestPath)
    : undefined;
  const tokenizerJson = await readText(join(folder, 'tokenizer.json'));
  const tokens = await readTokens(join(folder, 'tokenizer_config.json'));
  const files = isFile ? { names: [basename(path)] } : await weightFiles(folder, present);
  const opened = await openFiles(folder, files);
  return {
    path: folder,
    name: manifest?.name ?? basename(folder),
    source,
    ...opened,
    hasFlatVectors: false,
    tokenizerJson,
    tokens,
    prompt: manifest?.prompt,
    notices: NOTICE_FILES.filter((file) => present.includes(file)),
  };
}

interface WeightFiles {
  names: readonly string[];
  /** Which file the index promises each tensor in. */
  expected?: Readonly<Record<string, string>>;
}

async function weightFiles(folder: string, present: readonly string[]): Promise<WeightFiles> {
  if (present.includes(INDEX_FILE)) {
    const path = join(folder, INDEX_FILE);
    const index = parseJson(indexSchema, await readText(path), path, cannotImport);
    return { names: [...new Set(Object.values(index.weight_map))], expected: index.weight_map };
  }
  if (present.includes(WEIGHTS_FILE)) return { names: [WEIGHTS_FILE] };
  const [only, ...others] = present.filter((name) => name.endsWith('.safetensors'));
  if (only !== undefined && others.length === 0) return { names: [only] };
  throw cannotImport(folder, `it has neither ${INDEX_FILE} nor one file of weights in safetensors`);
}

async function openFiles(
  folder: string,
  { names, expected }: WeightFiles,
): Promise<Pick<Checkpoint, 'tensors' | 'close'>> {
  const handles: { close(): Promise<void> }[] = [];
  const close = async () => {
    await Promise.all(handles.map((handle) => handle.close()));
  };
  const tensors = new Map<string, SourceTensor>();
  try {
    for (const name of names) {
      const path = join(folder, name);
      const { handle, sizeBytes } = await openSource(path);
      handles.push(handle);
      const file = { path, handle };
      const start = await readBytes(file, 0, HEADER_LENGTH_BYTES);
      const length = headerLength(start, sizeBytes, path, cannotImport);
      const header = await readBytes(file, HEADER_LENGTH_BYTES, length);
      for (const [found, place] of parseHeader(header, sizeBytes, path, cannotImport)) {
        const canonical = found === EMBEDDINGS ? EMBEDDING : found;
        if (tensors.has(canonical))
          throw cannotImport(path, `tensor ${found} is in another file too`);
        if (expected !== undefined && expected[found] !== name) {
          throw cannotImport(path, `the index does not say that it has tensor ${found}`);
        }
        tensors.set(canonical, { ...place, file });
      }
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { tensors, close };
}

async function readTokens(path: string): Promise<Checkpoint['tokens']> {
  const text = await readTextIfPresent(path);
  if (text === undefined) return {};
  const raw = parseJson(tokenizerConfigSchema, text, path, cannotImport);
  const most = raw.model_max_length ?? Infinity;
  return {
    bos: raw.bos_token ?? undefined,
    eos: raw.eos_token ?? undefined,
    contextTokens: most >= 64 && most < MOST_CONTEXT_TOKENS ? Math.floor(most) : undefined,
  };
}
