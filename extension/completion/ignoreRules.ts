import ignore from 'ignore';

/** One `.gitignore`. */
export interface IgnoreFile {
  /** Its folder below the workspace folder, `/` between names; empty for the workspace folder itself. */
  folder: string;
  text: string;
}

/**
 * Whether a file is ignored by git's rules. `path` is relative to the workspace folder, `/` between names; `files` are those in
 * the folders on the way to it, outermost first. Source: gitignore(5).
 */
export function isIgnored(path: string, files: readonly IgnoreFile[]): boolean {
  let result = false;
  for (const { folder, text } of files) {
    const inside = folder === '' ? path : path.slice(folder.length + 1);
    const { ignored, unignored } = ignore().add(text).test(inside);
    // The nearer file decides.
    if (ignored) result = true;
    else if (unignored) result = false;
  }
  return result;
}

/** The folders on the way to a file, outermost first: `a/b/c.ts` is in ``, `a`, `a/b`. */
export function foldersAbove(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return ['', ...parts.map((_, depth) => parts.slice(0, depth + 1).join('/'))];
}
