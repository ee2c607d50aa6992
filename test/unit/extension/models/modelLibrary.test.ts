import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ModelLibrary } from '../../../../extension/models/modelLibrary';
import { temporaryFolder } from '../../../support/modelFolder';

async function writeManifest(folder: string, manifest: object): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'manifest.json'), JSON.stringify(manifest));
}

test('lists models by name with their sizes, and nothing that is no model', async () => {
  await using folder = await temporaryFolder();
  const at = (name: string) => path.join(folder.path, name);
  await writeManifest(at('b'), { name: 'Zebra', files: [{ sizeBytes: 10 }], memoryBytes: 99 });
  await writeManifest(at('a'), { name: 'Adder', files: [{ sizeBytes: 10 }, { sizeBytes: 5 }] });
  await writeManifest(at('.importing-1-x'), { name: 'Half', files: [] });
  await writeManifest(at('broken'), { files: 'none' });
  await mkdir(at('empty'));
  expect(await new ModelLibrary(folder.path).list()).toEqual([
    { folder: at('a'), name: 'Adder', sizeBytes: 15, memoryBytes: 30 },
    { folder: at('b'), name: 'Zebra', sizeBytes: 10, memoryBytes: 99 },
  ]);
  expect(await new ModelLibrary(at('nowhere')).list()).toEqual([]);
});

test('gives every model a folder of its own, with a name that any system takes', async () => {
  await using folder = await temporaryFolder();
  const library = new ModelLibrary(path.join(folder.path, 'models'));
  const first = await library.newFolder('Mamba/Codestral 7B: v0.1');
  expect(path.basename(first)).toBe('mamba-codestral-7b-v0-1');
  await mkdir(first);
  expect(path.basename(await library.newFolder('mamba codestral 7b v0.1'))).toBe(
    'mamba-codestral-7b-v0-1-2',
  );
  expect(path.basename(await library.newFolder('../…'))).toBe('model');
});

test('removes a model and refuses any other folder', async () => {
  await using folder = await temporaryFolder();
  const models = path.join(folder.path, 'models');
  const library = new ModelLibrary(models);
  await writeManifest(path.join(models, 'a'), { name: 'A', files: [] });
  for (const other of [folder.path, models, path.join(models, '..', 'x'), path.join(models, 'a/b')]) {
    await expect(library.remove(other)).rejects.toThrow(/no model of the library/);
  }
  await library.remove(path.join(models, 'a'));
  expect(await readdir(models)).toEqual([]);
});
