import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parseSafetensors, type Tensor } from '../../../model-runtime/model/safetensors';
import { convertModel } from '../../../scripts/convertModel';
import { temporaryFolder, writeModelFolder, writeSourceFolder } from '../../support/modelFolder';
import {
  randomModel,
  randomSourceTensors,
  smallMamba1,
  smallMamba2,
} from '../../support/randomModel';

const WEIGHTS = 'model.safetensors';

async function tensorsOf(folder: string): Promise<Map<string, Tensor>> {
  const bytes = new Uint8Array(await readFile(path.join(folder, WEIGHTS)));
  return parseSafetensors(bytes, folder);
}

test('stores matrices as int8 blocks and everything else in f32, each at its natural alignment', async () => {
  await using folder = await temporaryFolder();
  const tensors = await tensorsOf(await writeModelFolder(folder.path, smallMamba1(), 1));
  const mixer = 'backbone.layers.0.mixer';
  const types = [...tensors]
    .filter(([name]) => !/layers\.[^0]/.test(name))
    .map(([name, { dtype }]) => `${dtype} ${name.replace(mixer, '0')}`);
  expect(types).toEqual([
    'F32 0.A_log',
    'F32 0.D',
    'F32 0.conv1d.bias',
    'F32 0.conv1d.weight',
    'F32 0.dt_proj.bias',
    'F32 0.dt_proj.weight',
    'F32 backbone.layers.0.norm.weight',
    'F32 backbone.norm_f.weight',
    'F16 backbone.embedding.weight.scale',
    'F16 0.in_proj.weight.scale',
    'F16 0.out_proj.weight.scale',
    'F16 0.x_proj.weight.scale',
    'I8 backbone.embedding.weight',
    'I8 0.in_proj.weight',
    'I8 0.out_proj.weight',
    'I8 0.x_proj.weight',
  ]);
  for (const { dtype, bytes } of tensors.values()) {
    expect(bytes.byteOffset % (dtype === 'F32' ? 4 : dtype === 'F16' ? 2 : 1)).toBe(0);
  }
  expect(tensors.get(`${mixer}.A_log`)?.bytes.byteOffset ?? 1).toSatisfy(
    (at: number) => at % 64 === 0,
  );
});

test('keeps matrices in f32 whose rows are not whole blocks', async () => {
  await using folder = await temporaryFolder();
  const config = smallMamba2({ dModel: 24, dInner: 48, headDim: 12, nLayer: 1 });
  const model = await writeModelFolder(folder.path, config, 1);
  expect([...(await tensorsOf(model)).values()].map(({ dtype }) => dtype)).not.toContain('I8');
});

test('rounds nothing twice: converting a converted model changes no byte', async () => {
  await using folder = await temporaryFolder();
  const once = await writeModelFolder(folder.path, smallMamba2(), 1);
  const twice = path.join(folder.path, 'twice');
  await convertModel(once, twice, 'small');
  for (const file of await readdir(once)) {
    expect(await readFile(path.join(twice, file))).toEqual(await readFile(path.join(once, file)));
  }
});

/** Writes the model's tensors in a 16-bit type with every other byte of the file's data misaligned. */
async function write16Bit(folder: string, dtype: 'F16' | 'BF16', bits: (value: number) => number) {
  const header: Record<string, object> = {};
  const data: number[] = [];
  for (const { name, shape, values } of randomSourceTensors(smallMamba1(), 1)) {
    const begin = data.length;
    for (const value of values) data.push(bits(value) & 255, bits(value) >> 8);
    header[name] = { dtype, shape, data_offsets: [begin, data.length] };
  }
  const text = JSON.stringify(header);
  // The data follows the header, which may have any length.
  const json = new TextEncoder().encode(text.length % 2 === 0 ? `${text} ` : text);
  const length = new Uint8Array(new BigUint64Array([BigInt(json.length)]).buffer);
  await writeFile(path.join(folder, WEIGHTS), Buffer.concat([length, json, Uint8Array.from(data)]));
}

const bfloat16 = (value: number) => new Uint32Array(Float32Array.of(value).buffer)[0] >>> 16;

test('reads bf16, wherever in the file it starts', async () => {
  await using folder = await temporaryFolder();
  const source = path.join(folder.path, 'source');
  await writeSourceFolder(source, smallMamba1(), 1);
  await write16Bit(source, 'BF16', bfloat16);
  const { weights } = await convertModel(source, path.join(folder.path, 'model'));
  const exact = randomModel(smallMamba1(), 1);
  weights.normF.forEach((value, i) => {
    expect(Math.abs(value / exact.normF[i] - 1)).toBeLessThan(2 ** -7);
    expect(bfloat16(value)).toBe(bfloat16(exact.normF[i]));
  });
});

test('takes its name from the folder and carries the notices along', async () => {
  await using folder = await temporaryFolder();
  const source = path.join(folder.path, 'source');
  await writeSourceFolder(source, smallMamba1(), 1);
  await writeFile(path.join(source, 'training-data.tsv'), 'repository\n');
  await writeFile(path.join(source, 'golden.json'), '{}');
  const model = path.join(folder.path, 'deep', 'model');
  expect((await convertModel(source, model)).name).toBe('source');
  expect((await readdir(model)).sort()).toEqual([
    'config.json',
    'manifest.json',
    WEIGHTS,
    'tokenizer.json',
    'training-data.tsv',
  ]);
});

test('a failed conversion leaves the model before it in place and nothing beside it', async () => {
  await using folder = await temporaryFolder();
  const model = await writeModelFolder(folder.path, smallMamba1(), 1);
  const before = await readFile(path.join(model, WEIGHTS));
  const source = path.join(folder.path, 'source');
  await rm(path.join(source, 'tokenizer.json'));
  await expect(convertModel(source, model)).rejects.toMatchObject({ code: 'modelNotFound' });
  expect(await readFile(path.join(model, WEIGHTS))).toEqual(before);
  expect((await readdir(folder.path)).sort()).toEqual(['model', 'source']);
});

test('refuses weights that are not finite', async () => {
  await using folder = await temporaryFolder();
  const source = path.join(folder.path, 'source');
  await writeSourceFolder(source, smallMamba1(), 1);
  const bytes = await readFile(path.join(source, WEIGHTS));
  bytes.fill(0xff, bytes.length - 4);
  await writeFile(path.join(source, WEIGHTS), bytes);
  await expect(convertModel(source, path.join(folder.path, 'model'))).rejects.toMatchObject({
    code: 'modelCorrupt',
    message: expect.stringContaining('not finite') as string,
  });
});

test('does not replace a folder that holds something else', async () => {
  await using folder = await temporaryFolder();
  const source = path.join(folder.path, 'source');
  await writeSourceFolder(source, smallMamba1(), 1);
  const target = path.join(folder.path, 'photos');
  await mkdir(target);
  await writeFile(path.join(target, 'cat.jpg'), 'meow');
  await expect(convertModel(source, target)).rejects.toThrow(/not empty and holds no model/);
  expect(await readdir(target)).toEqual(['cat.jpg']);
});
