import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { VSCODE_VERSION } from '../../../scripts/vscodeHost.mjs';
import { openBrowser } from './openBrowser';
import { startHost } from './startHost';

/** How long the suites may take in all; TEST_TIMEOUT_MS overrides it. */
const TIMEOUT_MS = 900_000;

interface ShimArguments {
  developmentPaths: string[];
  testsPath: string;
  folder: string;
}

/** Of desktop VS Code's arguments, those that say what to test; the others configure a desktop. */
export function parseArguments(given: readonly string[]): ShimArguments {
  const valuesOf = (name: string) =>
    given.flatMap((argument, index) => {
      if (argument.startsWith(`--${name}=`)) return [argument.slice(name.length + 3)];
      return argument === `--${name}` ? [given[index + 1] ?? ''] : [];
    });
  const developmentPaths = valuesOf('extensionDevelopmentPath').map(localPath);
  const testsPath = valuesOf('extensionTestsPath').map(localPath)[0];
  if (developmentPaths.length === 0 || testsPath === undefined) {
    throw new Error('--extensionDevelopmentPath and --extensionTestsPath are needed');
  }
  const folders = [...valuesOf('folder-uri').map(localPath), ...given.filter(isFolder)];
  const folder = folders[0] ?? mkdtempSync(path.join(tmpdir(), 'mamba-complete-folder-'));
  return { developmentPaths, testsPath, folder };
}

function localPath(pathOrUri: string): string {
  return pathOrUri.startsWith('file://') ? fileURLToPath(pathOrUri) : pathOrUri;
}

function isFolder(argument: string): boolean {
  return (
    !argument.startsWith('-') &&
    statSync(argument, { throwIfNoEntry: false })?.isDirectory() === true
  );
}

/** @returns the exit code that the suites ask for. */
async function run({ developmentPaths, testsPath, folder }: ShimArguments): Promise<number> {
  const logFile = process.env.CODE_SHIM_SERVER_LOG;
  const host = await startHost(logFile === undefined ? {} : { logFile });
  try {
    const { browser, page } = await openBrowser();
    try {
      const finished = new Promise<number>((resolve, reject) => {
        // The workbench calls these two when it was opened for tests; both must be there before it loads.
        void page.exposeFunction('codeAutomationExit', resolve);
        void page.exposeFunction('codeAutomationLog', (type: string, values: unknown[]) => {
          if (process.env.CODE_SHIM_VERBOSE !== undefined) console.log(`[${type}]`, ...values);
        });
        page.on('crash', () => reject(new Error('the page crashed')));
        const timeoutMs = Number(process.env.TEST_TIMEOUT_MS ?? TIMEOUT_MS);
        setTimeout(
          () => reject(new Error(`no result after ${timeoutMs / 1000} s`)),
          timeoutMs,
        ).unref();
      });
      await page.goto(host.windowUrl({ folder, developmentPaths, testsPath }));
      return await finished.catch(async (error: unknown) => {
        await page.screenshot({ path: 'test-results/code-shim-failure.png' });
        throw error;
      });
    } finally {
      await browser.close();
    }
  } finally {
    await host.stop();
  }
}

async function main(): Promise<void> {
  const given = process.argv.slice(2);
  if (given.includes('--version')) {
    console.log(VSCODE_VERSION);
    return;
  }
  process.exitCode = await run(parseArguments(given));
}

main().catch((error: unknown) => {
  console.error('code shim:', error);
  process.exitCode = 1;
});
