import { existsSync } from 'node:fs';
import path from 'node:path';

/** The repository's folder, from sources and from bundles below `out/` alike. */
export function repositoryRoot(): string {
  let folder = __dirname;
  while (!existsSync(path.join(folder, 'package-lock.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error(`No repository around ${__dirname}`);
    folder = parent;
  }
  return folder;
}
