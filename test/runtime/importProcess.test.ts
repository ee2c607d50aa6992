import { readdir } from 'node:fs/promises';
import path from 'node:path';
import esbuild from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ImportProcess } from '../../extension/models/importProcess';
import { writeCheckpoint } from '../support/checkpoints';
import { temporaryFolder, type TemporaryFolder } from '../support/modelFolder';
import { smallMamba2 } from '../support/randomModel';

let folder: TemporaryFolder;
let imports: ImportProcess;
let source: string;
const never = new AbortController().signal;

beforeAll(async () => {
  folder = await temporaryFolder();
  const script = path.join(folder.path, 'modelImport.js');
  await esbuild.build({
    entryPoints: [path.resolve(__dirname, '../../model-runtime/import/main.ts')],
    outfile: script,
    bundle: true,
    platform: 'node',
  });
  const node = { path: process.execPath, isBundled: true };
  imports = new ImportProcess({ script, node, parentEnvironment: process.env });
  source = path.join(folder.path, 'checkpoint');
  // Large enough that a cancel finds it at work.
  const large = smallMamba2({ dModel: 768, dInner: 1536, nHeads: 96, vocabSize: 4096 });
  await writeCheckpoint(source, large, 1, { dialect: 'mamba_ssm', dtype: 'F32' });
}, 60_000);

afterAll(() => folder[Symbol.asyncDispose]());

test('says what a checkpoint is and needs, then adds it and reports how far it is', async () => {
  const library = path.join(folder.path, 'library');
  const summary = await imports.inspect(source, library, never);
  expect(summary).toMatchObject({ name: 'checkpoint', architecture: 'mamba2', infill: 'none' });
  expect(summary.memoryBytes.int8).toBeGreaterThan(2 * summary.diskBytes);
  expect(summary.freeDiskBytes).toBeGreaterThan(summary.diskBytes);
  const target = path.join(library, 'added');
  const done: number[] = [];
  const request = { source, target, name: 'Added', weights: 'int8' } as const;
  const isAdded = await imports.add(request, never, (progress) => {
    if (progress.phase === 'weights') done.push(progress.done / progress.total);
  });
  expect(isAdded).toBe(true);
  expect(done.length).toBeGreaterThan(0);
  expect(done).toEqual([...done].sort((a, b) => a - b));
  expect(await readdir(library)).toEqual(['added']);
});

test('leaves nothing behind when it is given up', async () => {
  const library = path.join(folder.path, 'other');
  const abort = new AbortController();
  const request = { source, target: path.join(library, 'x'), name: 'X', weights: 'int8' } as const;
  const isAdded = await imports.add(request, abort.signal, () => {
    abort.abort();
  });
  expect(isAdded).toBe(false);
  expect(await readdir(library)).toEqual([]);
});

test('reports why a checkpoint cannot be added', async () => {
  await expect(imports.inspect('/no/such/model', folder.path, never)).rejects.toMatchObject({
    code: 'modelNotFound',
  });
});
