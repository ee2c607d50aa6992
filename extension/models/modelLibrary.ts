import { mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import * as v from 'valibot';
import { modelFolderName } from '../../model-runtime/protocol/modelLibrary';

const MANIFEST_FILE = 'manifest.json';
const REMOVED_PREFIX = '.removed-';

const size = v.pipe(v.number(), v.minValue(0));
const manifestSchema = v.object({
  name: v.string(),
  files: v.array(v.object({ sizeBytes: size })),
  memoryBytes: v.optional(size),
});

/** A model that can be chosen. */
export interface LibraryModel {
  folder: string;
  name: string;
  /** On the disk. */
  sizeBytes: number;
  /** Most that loading and running it takes. */
  memoryBytes: number;
}

/** The models that were added, each in a folder of its own below `folder`. */
export class ModelLibrary {
  constructor(readonly folder: string) {}

  /** By name. What is no model, or not a whole one, is left out. */
  async list(): Promise<LibraryModel[]> {
    const names = await readdir(this.folder).catch(() => []);
    const folders = names.filter((name) => !name.startsWith('.'));
    const models = await Promise.all(folders.map((name) => readModel(join(this.folder, name))));
    return models
      .filter((model) => model !== undefined)
      .sort((a, b) => a.name.localeCompare(b.name));
  }

  /** A folder for a model of this name that is not taken yet. */
  async newFolder(name: string): Promise<string> {
    await mkdir(this.folder, { recursive: true });
    const taken = new Set(await readdir(this.folder));
    const plain = modelFolderName(name);
    for (let number = 1; ; number++) {
      const candidate = number === 1 ? plain : `${plain}-${number}`;
      if (!taken.has(candidate)) return join(this.folder, candidate);
    }
  }

  has(folder: string): boolean {
    return dirname(resolve(folder)) === resolve(this.folder) && folder !== this.folder + sep;
  }

  /** Deletes a model of the library. It is out of sight at once, whatever deleting its files takes. Throws for other folders. */
  async remove(folder: string): Promise<void> {
    if (!this.has(folder)) throw new Error(`${folder} is no model of the library`);
    const removed = join(this.folder, `${REMOVED_PREFIX}${Date.now()}`);
    await rename(folder, removed);
    await rm(removed, { recursive: true, force: true });
  }
}

/** What `manifest.json` says of a model; `undefined` when there is none or it cannot be understood. */
export async function readModel(folder: string): Promise<LibraryModel | undefined> {
  try {
    const text = await readFile(join(folder, MANIFEST_FILE), 'utf8');
    const { name, files, memoryBytes } = v.parse(manifestSchema, JSON.parse(text));
    const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    // A folder that was written by hand does not say: the file's content and an engine's copy of it.
    return { folder, name, sizeBytes, memoryBytes: memoryBytes ?? 2 * sizeBytes };
  } catch {
    return undefined;
  }
}
