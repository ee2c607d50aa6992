import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cannotImport } from '../model/modelErrors';
import type { Checkpoint } from './checkpoint';
import { openGguf } from './ggufCheckpoint';
import { openSafetensors } from './safetensorsCheckpoint';
import { cannotRead } from './sourceFiles';

const PICKLE = /\.(bin|pt|pth|ckpt|pkl)$/;

/**
 * Opens a checkpoint: a folder with `config.json`, `tokenizer.json` and safetensors; such a file in it; a GGUF file, or a folder
 * with one. Reads headers only. The caller closes it. Errors: `modelNotFound`; `modelCorrupt`, also for PyTorch's pickles.
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  if (!(await isFolder(path))) return openFile(path);
  const present = await readdir(path);
  if (present.some((name) => name.endsWith('.safetensors') || name.endsWith('.index.json'))) {
    return openSafetensors(path);
  }
  const [gguf, ...others] = present.filter((name) => name.endsWith('.gguf'));
  if (gguf !== undefined && others.length === 0) return openGguf(join(path, gguf));
  if (gguf !== undefined) throw cannotImport(path, 'it has several GGUF files; name one of them');
  const pickle = present.find((name) => PICKLE.test(name));
  if (pickle !== undefined) throw refusedPickle(join(path, pickle));
  throw cannotImport(path, 'there are no weights in it, neither .safetensors nor .gguf');
}

function openFile(path: string): Promise<Checkpoint> {
  if (path.endsWith('.gguf')) return openGguf(path);
  if (path.endsWith('.safetensors')) return openSafetensors(path);
  if (PICKLE.test(path)) throw refusedPickle(path);
  throw cannotImport(path, 'it is neither a .safetensors nor a .gguf file, nor a folder with some');
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    throw cannotRead(path, error);
  }
}

function refusedPickle(path: string) {
  return cannotImport(
    path,
    'a PyTorch pickle can run any code when it is opened. Convert it once, with Python and the package safetensors: ' +
      `w = torch.load("${path.replaceAll('\\', '/')}", map_location="cpu", weights_only=True); ` +
      'safetensors.torch.save_file({k: v.clone().contiguous() for k, v in w.items()}, "model.safetensors")',
  );
}
