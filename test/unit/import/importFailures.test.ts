import {
  mkdir,
  open,
  readFile,
  readdir,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importModel } from '../../../model-runtime/import/importModel';
import { openCheckpoint } from '../../../model-runtime/import/openCheckpoint';
import { RuntimeError } from '../../../model-runtime/protocol/errors';
import { writeCheckpoint, writeGguf } from '../../support/checkpoints';
import { temporaryFolder, type TemporaryFolder } from '../../support/modelFolder';
import { randomSourceTensors, smallMamba1, smallMamba2 } from '../../support/randomModel';
import { writeSafetensors, type OutputTensor } from '../../support/safetensorsWriter';

const WEIGHTS = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';
const config = smallMamba2({ nLayer: 1 });
const never = new AbortController().signal;

/** A checkpoint and a library with another model in it, which must stay as it is. */
async function scene(folder: string, shards?: number) {
  const source = path.join(folder, 'checkpoint');
  const library = path.join(folder, 'library');
  await writeCheckpoint(source, config, 1, {
    dialect: 'transformers',
    dtype: 'F32',
    ...(shards === undefined ? {} : { shards }),
  });
  await mkdir(path.join(library, 'other'), { recursive: true });
  return { source, library, target: path.join(library, 'model') };
}

async function expectRefused(
  { source, library, target }: { source: string; library: string; target: string },
  problem: RegExp,
  options: Partial<Parameters<typeof importModel>[0]> = {},
): Promise<void> {
  await expect(
    importModel({ source, target, weights: 'int8', signal: never, ...options }),
  ).rejects.toThrow(problem);
  expect(await readdir(library)).toEqual(['other']);
}

/** Rewrites the one file of weights. */
async function changeTensors(source: string, change: (tensors: OutputTensor[]) => OutputTensor[]) {
  const file = path.join(source, WEIGHTS);
  await rm(file);
  const tensors = randomSourceTensors(config, 1);
  await writeSafetensors(
    file,
    change(tensors).map((tensor) => ({
      ...tensor,
      name: tensor.name.replace('embedding', 'embeddings'),
    })),
  );
}

/** Rewrites the header of a file of weights and keeps its data. */
async function changeHeader(
  file: string,
  change: (header: Record<string, { data_offsets: number[]; dtype: string }>) => void,
) {
  const bytes = await readFile(file);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<
    string,
    { data_offsets: number[]; dtype: string }
  >;
  change(header);
  const json = Buffer.from(JSON.stringify(header).padEnd(length));
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(BigInt(json.length));
  await writeFile(file, Buffer.concat([start, json, bytes.subarray(8 + length)]));
}

const DT = 'backbone.layers.0.mixer.dt_bias';

describe('refuses, says why, and leaves nothing behind:', () => {
  test.each<[string, (source: string) => Promise<unknown>, RegExp]>([
    ['weights cut short', (s) => truncate(path.join(s, WEIGHTS), 9000), /lies beyond the end/],
    ['a header cut short', (s) => truncate(path.join(s, WEIGHTS), 100), /header of \d+ bytes/],
    ['an empty file', (s) => truncate(path.join(s, WEIGHTS), 0), /too short for a header/],
    [
      'tensors that overlap',
      (s) =>
        changeHeader(path.join(s, WEIGHTS), (header) => {
          header[DT].data_offsets = header[DT].data_offsets.map((at) => at - 4);
        }),
      /overlaps another or leaves a hole/,
    ],
    [
      'an unknown type',
      (s) =>
        changeHeader(path.join(s, WEIGHTS), (header) => {
          header[DT].dtype = 'F8_E4M3';
        }),
      /unknown type F8_E4M3/,
    ],
    [
      'a missing tensor',
      (s) => changeTensors(s, (tensors) => tensors.filter(({ name }) => name !== DT)),
      /tensor backbone\.layers\.0\.mixer\.dt_bias is missing/,
    ],
    [
      'a wrong shape',
      (s) =>
        changeTensors(s, (tensors) =>
          tensors.map((tensor) => (tensor.name === DT ? { ...tensor, shape: [2, 2] } : tensor)),
        ),
      /dt_bias is \[2,2\], not \[4\]/,
    ],
    [
      'a tensor of another architecture',
      (s) =>
        changeTensors(s, (tensors) => [
          ...tensors,
          { ...tensors[0], name: 'backbone.layers.0.attn.q_proj.weight' },
        ]),
      /q_proj\.weight belongs to no architecture/,
    ],
    [
      'values that are not finite',
      (s) =>
        changeTensors(s, (tensors) =>
          tensors.map((tensor) =>
            tensor.name === DT ? { ...tensor, values: Float32Array.of(1, NaN, 0, 0) } : tensor,
          ),
        ),
      /dt_bias has values that are not finite/,
    ],
    ['no config.json', (s) => rm(path.join(s, 'config.json')), /config\.json could not be read/],
    ['a config.json cut short', (s) => truncate(path.join(s, 'config.json'), 20), /not JSON/],
    ['no tokenizer.json', (s) => rm(path.join(s, 'tokenizer.json')), /tokenizer\.json could not/],
    [
      'a tokenizer that is none',
      (s) => writeFile(path.join(s, 'tokenizer.json'), '{"model": {"type": "BPE"}}'),
      /tokenizer/,
    ],
    [
      'a pickle',
      (s) => rename(path.join(s, WEIGHTS), path.join(s, 'pytorch_model.bin')),
      /pickle can run any code.*save_file/,
    ],
    ['no weights at all', (s) => rm(path.join(s, WEIGHTS)), /no weights in it/],
  ])('%s', async (_name, spoil, problem) => {
    await using folder = await temporaryFolder();
    const made = await scene(folder.path);
    await spoil(made.source);
    await expectRefused(made, problem);
  });

  test.each<[string, (source: string, index: Record<string, string>) => Promise<unknown>, RegExp]>([
    [
      'an index that names a missing shard',
      (s) => rm(path.join(s, 'model-2-of-2.safetensors')),
      /model-2-of-2\.safetensors could not be read/,
    ],
    [
      'a shard cut short',
      (s) => truncate(path.join(s, 'model-2-of-2.safetensors'), 1200),
      /model-2-of-2.*(header|beyond the end)/,
    ],
    [
      'an index that points outside of the folder',
      async (s, index) => {
        await rename(path.join(s, 'model-2-of-2.safetensors'), path.join(s, '../out.safetensors'));
        const moved = Object.fromEntries(
          Object.entries(index).map(([name, file]) => [
            name,
            file.startsWith('model-2') ? '../out.safetensors' : file,
          ]),
        );
        await writeFile(path.join(s, INDEX), JSON.stringify({ weight_map: moved }));
      },
      /not a plain name/,
    ],
    [
      'an index that puts a tensor into another shard',
      (s, index) => {
        const swapped = Object.fromEntries(
          Object.entries(index).map(([name, file]) => [
            name,
            name.includes('norm_f')
              ? `model-${file.includes('-1-') ? 2 : 1}-of-2.safetensors`
              : file,
          ]),
        );
        return writeFile(path.join(s, INDEX), JSON.stringify({ weight_map: swapped }));
      },
      /the index does not say/,
    ],
  ])('%s', async (_name, spoil, problem) => {
    await using folder = await temporaryFolder();
    const made = await scene(folder.path, 2);
    const index = JSON.parse(await readFile(path.join(made.source, INDEX), 'utf8')) as {
      weight_map: Record<string, string>;
    };
    await spoil(made.source, index.weight_map);
    await expectRefused(made, problem);
  });

  test('a disk that is too full', async () => {
    await using folder = await temporaryFolder();
    const made = await scene(folder.path);
    await expectRefused(made, /needs 0\.07 GB on the disk.*0\.00 GB are free/, {
      freeBytes: () => Promise.resolve(1000),
    });
  });

  test('a write that fails on the way', async () => {
    await using folder = await temporaryFolder();
    const made = await scene(folder.path);
    const onProgress = () => {
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    };
    await expectRefused(made, /could not be written.*disk is full/, { onProgress });
  });

  test.each(['weights', 'checksums'])('an import that is given up during %s', async (phase) => {
    await using folder = await temporaryFolder();
    const made = await scene(folder.path);
    const abort = new AbortController();
    await expectRefused(made, /given up/, {
      signal: abort.signal,
      onProgress: (now) => {
        if (now === phase) abort.abort(new Error('given up'));
      },
    });
  });
});

test('clears away what a killed import left, and nothing of one that runs', async () => {
  await using folder = await temporaryFolder();
  const { source, library, target } = await scene(folder.path);
  // No process has this number: the kernel's largest is 2^22.
  await mkdir(path.join(library, '.importing-99999999-abc'));
  await mkdir(path.join(library, `.importing-${process.pid}-abc`));
  await importModel({ source, target, weights: 'int8', signal: never });
  expect((await readdir(library)).sort()).toEqual([
    `.importing-${process.pid}-abc`,
    'model',
    'other',
  ]);
});

test('takes weights that are links, as download caches have them', async () => {
  await using folder = await temporaryFolder();
  const { source, target } = await scene(folder.path);
  await rename(path.join(source, WEIGHTS), path.join(folder.path, 'blob'));
  await symlink(path.join(folder.path, 'blob'), path.join(source, WEIGHTS));
  await importModel({ source, target, weights: 'int8', signal: never });
  expect(await readdir(target)).toContain(WEIGHTS);
});

describe('a damaged GGUF file', () => {
  let folder: TemporaryFolder;
  let good: Buffer;
  let file: string;

  beforeAll(async () => {
    folder = await temporaryFolder();
    file = path.join(folder.path, 'tiny.gguf');
    await writeGguf(file, smallMamba1({ nLayer: 1 }), 1, 'F32');
    good = await readFile(file);
  });

  afterAll(() => folder[Symbol.asyncDispose]());

  test('that is cut off is refused wherever that is', async () => {
    for (const length of [0, 3, 20, 200, 1000, 4000, good.length - 40_000, good.length - 100]) {
      await writeFile(file, good.subarray(0, length));
      await expect(openCheckpoint(file)).rejects.toThrow(/cannot be imported/);
    }
  });

  test('with any changed bytes in its header is refused or read, never a crash', async () => {
    const handle = await open(file, 'w');
    try {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(3000), fc.nat(255)), { minLength: 1, maxLength: 4 }),
          async (changes) => {
            const bytes = Buffer.from(good);
            for (const [at, value] of changes) bytes[at] = value;
            await handle.write(bytes, 0, bytes.length, 0);
            const opened = await openCheckpoint(file).catch((error: unknown) => {
              expect(error).toBeInstanceOf(RuntimeError);
              return undefined;
            });
            await opened?.close();
          },
        ),
        { numRuns: 200, seed: 20261125 },
      );
    } finally {
      await handle.close();
    }
  });
});
