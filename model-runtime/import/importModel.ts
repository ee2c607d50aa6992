import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  copyFile,
  mkdir,
  mkdtemp,
  open,
  readdir,
  rename,
  rm,
  stat,
  statfs,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import {
  CONFIG_FILE,
  MANIFEST_FILE,
  MODEL_FORMAT,
  MODEL_FORMAT_VERSION,
  TOKENIZER_FILE,
  WEIGHTS_FILE,
  type Manifest,
  type ManifestFile,
} from '../model/manifest';
import { writeConfig } from '../model/writeConfig';
import { RuntimeError } from '../protocol/errors';
import type { ImportPhase } from '../protocol/importMessages';
import type { WeightsChoice } from '../protocol/messages';
import type { Checkpoint } from './checkpoint';
import { openCheckpoint } from './openCheckpoint';
import { planImport, type ImportPlan } from './planImport';
import { writeWeights } from './writeWeights';

/** Room for the small files, and so that the disk is not left full. */
const SPARE_BYTES = 64 * 2 ** 20;
/** Folders of imports that are under way begin with this; the process that makes one follows. */
const PARTIAL_PREFIX = '.importing-';

export interface ImportOptions {
  /** A checkpoint: `openCheckpoint`. */
  source: string;
  /** The model folder to be: new, empty, or an older model, which is replaced. */
  target: string;
  name?: string | undefined;
  /** How engines that can choose are to keep the matrices. Stored are int8 blocks in any case. */
  weights: WeightsChoice;
  signal: AbortSignal;
  /** `done` of `total` elements written, then bytes checked. */
  onProgress?: (phase: ImportPhase, done: number, total: number) => void;
  /** Bytes free on the disk of a folder; for tests. */
  freeBytes?: (folder: string) => Promise<number>;
}

/**
 * Makes a model folder (docs/model-format.md) of a checkpoint. Tensors are read, converted and written piece by piece. The
 * result is written beside the target and moved there when it is whole; when this fails or is given up nothing of it is left.
 * Errors: `modelNotFound`, `modelCorrupt` about the source; `internal` when it cannot be written; the signal's reason.
 */
export async function importModel(options: ImportOptions): Promise<void> {
  const target = resolve(options.target);
  await refuseForeignFolder(target);
  const checkpoint = await openCheckpoint(options.source);
  try {
    const plan = planImport(checkpoint, options.weights);
    const parent = dirname(target);
    await mkdir(parent, { recursive: true });
    await removeAbandoned(parent);
    await requireSpace(parent, plan, options.freeBytes ?? freeDiskBytes);
    const partial = await mkdtemp(join(parent, `${PARTIAL_PREFIX}${process.pid}-`));
    try {
      await writeFolder(partial, checkpoint, plan, options);
      options.signal.throwIfAborted();
      await rm(target, { recursive: true, force: true });
      await rename(partial, target);
    } catch (error) {
      await rm(partial, { recursive: true, force: true });
      throw asWriteError(error, target);
    }
  } finally {
    await checkpoint.close();
  }
}

/** Bytes that a folder's disk has for this user. */
export async function freeDiskBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

async function writeFolder(
  folder: string,
  checkpoint: Checkpoint,
  plan: ImportPlan,
  { name, weights, signal, onProgress }: ImportOptions,
): Promise<void> {
  let written = 0;
  await writeWeights(join(folder, WEIGHTS_FILE), {
    plan: plan.file,
    tensors: plan.tensors,
    signal,
    onProgress: (elements) => onProgress?.('weights', (written += elements), plan.parameters),
  });
  await writeDurably(join(folder, CONFIG_FILE), writeConfig(plan.config));
  await writeDurably(join(folder, TOKENIZER_FILE), checkpoint.tokenizerJson);
  for (const file of checkpoint.notices) {
    await copyFile(join(checkpoint.path, file), join(folder, file));
  }
  const files: ManifestFile[] = [];
  for (const path of [CONFIG_FILE, TOKENIZER_FILE, WEIGHTS_FILE]) {
    files.push(
      await describeFile(folder, path, signal, (done, total) =>
        onProgress?.('checksums', done, total),
      ),
    );
  }
  const manifest: Manifest = {
    format: MODEL_FORMAT,
    formatVersion: MODEL_FORMAT_VERSION,
    name: name ?? checkpoint.name.slice(0, 100),
    files,
    ...(plan.prompt === undefined ? {} : { prompt: plan.prompt }),
    ...(weights === 'int4' ? { weights } : {}),
    memoryBytes: plan.memoryBytes,
  };
  await writeDurably(join(folder, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
}

async function writeDurably(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Size and SHA-256 of what the disk gives back. */
async function describeFile(
  folder: string,
  path: string,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<ManifestFile> {
  const { size: sizeBytes } = await stat(join(folder, path));
  const hash = createHash('sha256');
  let done = 0;
  const stream = createReadStream(join(folder, path), { highWaterMark: 2 ** 20 });
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    signal.throwIfAborted();
    hash.update(chunk);
    onProgress((done += chunk.length), sizeBytes);
  }
  return { path, sizeBytes, sha256: hash.digest('hex') };
}

async function requireSpace(
  folder: string,
  { file }: ImportPlan,
  freeBytes: (folder: string) => Promise<number>,
): Promise<void> {
  const needed = file.sizeBytes + SPARE_BYTES;
  const free = await freeBytes(folder);
  if (free >= needed) return;
  const [has, needs] = [free, needed].map((bytes) => (bytes / 1e9).toFixed(2));
  throw new RuntimeError(
    'internal',
    `The model needs ${needs} GB on the disk of ${folder}, ${has} GB are free. Nothing was written.`,
  );
}

/** What processes left behind that no longer run: they were killed while they wrote. */
async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const [, pid] = new RegExp(`^\\${PARTIAL_PREFIX}(\\d+)-`).exec(name) ?? [];
    if (pid === undefined || isRunning(Number(pid))) continue;
    await rm(join(parent, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of somebody else may not be signalled, but is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** The target is replaced as a whole, so it must be new, empty, or a model. */
async function refuseForeignFolder(target: string): Promise<void> {
  const present: string[] = await readdir(target).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  if (present.length > 0 && !present.includes(MANIFEST_FILE)) {
    throw new RuntimeError(
      'internal',
      `${target} is not empty and holds no model; choose another folder. Nothing was written.`,
    );
  }
}

function asWriteError(error: unknown, target: string): unknown {
  if (!(error instanceof Error) || !('code' in error) || error instanceof RuntimeError)
    return error;
  if (typeof error.code !== 'string' || error.name === 'AbortError') return error;
  const reason = error.code === 'ENOSPC' ? 'the disk is full' : error.message;
  return new RuntimeError(
    'internal',
    `${basename(target)} could not be written to ${dirname(target)}: ${reason}. Nothing of it was left there.`,
    { cause: error },
  );
}
