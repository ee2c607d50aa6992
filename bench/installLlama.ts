import { spawn } from 'node:child_process';
import { isNodeLlamaCppInstalled } from './subjects/nodeLlamaCpp';

/**
 * Installs what only the benchmarks need into bench/node_modules, once. Returns whether llama.cpp can be measured.
 * It is no dependency of the extension, and the root's `npm ci` leaves it out.
 */
export async function ensureLlamaInstalled(
  benchFolder: string,
  say: (line: string) => void,
): Promise<boolean> {
  if (isNodeLlamaCppInstalled(benchFolder)) return true;
  say('Installing llama.cpp to compare with (about 60 MB, once): npm ci --prefix bench');
  const code = await npmInstall(benchFolder);
  if (code === 0 && isNodeLlamaCppInstalled(benchFolder)) return true;
  say(`That failed (exit code ${String(code)}); llama.cpp is left out of this run.`);
  return false;
}

/** npm's own output goes to standard error: standard output may be JSON. */
function npmInstall(benchFolder: string): Promise<number | null> {
  const args = ['ci', '--prefix', benchFolder, '--no-audit', '--no-fund', '--ignore-scripts'];
  const npm = process.env.npm_execpath;
  const child =
    npm === undefined
      ? spawn('npm', args, { cwd: benchFolder, stdio: ['ignore', 2, 2], shell: true })
      : spawn(process.execPath, [npm, ...args], { cwd: benchFolder, stdio: ['ignore', 2, 2] });
  return new Promise((resolve) => {
    child.once('error', () => resolve(null));
    child.once('exit', resolve);
  });
}
