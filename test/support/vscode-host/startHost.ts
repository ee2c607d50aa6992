import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hostAt } from '../../../scripts/vscodeHost.mjs';
import { repositoryRoot } from '../repositoryRoot';

export interface HostOptions {
  /** The user's keybindings.json. */
  keybindings?: { key: string; command: string }[];
  /** Added to the environment of the server and thus of its extension hosts. */
  env?: Record<string, string>;
  /** A VSIX to install before the first window. */
  vsix?: string;
  /** Folders that were not trusted open in Restricted Mode; by default every folder counts as trusted. */
  asksForTrust?: boolean;
  /** Where the server's output goes; default a file in the host's own folder, which `stop` removes. */
  logFile?: string;
}

export interface WindowOptions {
  /** Absolute path of the folder to open. */
  folder: string;
  /** Extensions loaded from source folders, as with F5. */
  developmentPaths?: string[];
  /** Module with `run()` that the extension host calls once the window is up. */
  testsPath?: string;
}

/** A running VS Code server with user data and extension folders of its own. Whoever starts it stops it. */
export interface VscodeHost {
  readonly processId: number;
  /** Where installed extensions lie, each in a folder of its own. */
  readonly extensionsFolder: string;
  /** Address of a window. */
  windowUrl(options: WindowOptions): string;
  /** What windows that open from now on find in the user's settings.json; settings of the machine are taken away. */
  writeSettings(settings: Record<string, unknown>): void;
  /** What the user's settings are on disk now; those of this machine lie in a file of their own. */
  readSettings(): Record<string, unknown>;
  /** Ends the server and everything it started, and removes its folders. */
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 120_000;

/** What would distract from the extension or ask for things outside this machine. */
const QUIET_SETTINGS = {
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  'chat.disableAIFeatures': true,
  'git.enabled': false,
  // The popup of word suggestions would cover ghost text in screenshots and take Tab.
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
  'editor.suggestOnTriggerCharacters': false,
  'files.autoSave': 'off',
};

/** Starts the server on a free loopback port; rejects with its output when it does not come up. */
export async function startHost(options: HostOptions = {}): Promise<VscodeHost> {
  const installation = hostAt(repositoryRoot());
  if (!installation.isInstalled())
    throw new Error('The VS Code host is not installed: npm run setup:host');
  const folder = mkdtempSync(path.join(tmpdir(), 'mamba-complete-host-'));
  const userFolder = path.join(folder, 'data/User');
  mkdirSync(userFolder, { recursive: true });
  const writeSettings = (settings: Record<string, unknown>) => {
    rmSync(path.join(folder, 'data/Machine/settings.json'), { force: true });
    const all = { ...QUIET_SETTINGS, ...settings };
    writeFileSync(path.join(userFolder, 'settings.json'), JSON.stringify(all, null, 2));
  };
  writeSettings({});
  const keybindings = options.keybindings ?? [];
  writeFileSync(path.join(userFolder, 'keybindings.json'), JSON.stringify(keybindings, null, 2));
  const extensionsFolder = path.join(folder, 'extensions');
  const folderArguments = [
    ...['--server-data-dir', folder],
    ...['--user-data-dir', path.join(folder, 'data')],
    ...['--extensions-dir', extensionsFolder],
  ];
  if (options.vsix !== undefined) installVsix(installation, options.vsix, folderArguments);

  const child = spawn(
    installation.node,
    [installation.serverMain, ...serverArguments(options), ...folderArguments],
    {
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const log = createWriteStream(options.logFile ?? path.join(folder, 'server.log'));
  child.stderr.pipe(log);
  child.stdout.pipe(log);
  let authority: string;
  try {
    authority = await listeningAddress(child);
  } catch (error) {
    await stopHost(child, folder);
    throw error;
  }
  const remoteUri = (file: string) => `vscode-remote://${authority}${path.resolve(file)}`;
  return {
    processId: child.pid ?? 0,
    extensionsFolder,
    windowUrl({ folder: workspace, developmentPaths = [], testsPath }) {
      const payload = [
        ['skipWelcome', 'true'],
        // Read when something is missing in the window (`Workbench.printEvidence`).
        ['logLevel', 'mamba-complete.mamba-complete:trace'],
        ...developmentPaths.map((each) => ['extensionDevelopmentPath', remoteUri(each)]),
        ...(testsPath === undefined ? [] : [['extensionTestsPath', remoteUri(testsPath)]]),
      ];
      const query = { folder: path.resolve(workspace), payload: JSON.stringify(payload) };
      return `http://${authority}/?${new URLSearchParams(query).toString()}`;
    },
    writeSettings,
    readSettings() {
      const files = ['User', 'Machine'].map((name) =>
        path.join(folder, 'data', name, 'settings.json'),
      );
      const present = files.filter((file) => existsSync(file));
      return Object.assign({}, ...present.map(readJson)) as Record<string, unknown>;
    },
    stop: () => stopHost(child, folder),
  };
}

/** An empty object while the file is being written. */
function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}

function serverArguments({ asksForTrust }: HostOptions): string[] {
  return [
    ...['--host', '127.0.0.1', '--port', '0'],
    '--without-connection-token',
    '--accept-server-license-terms',
    ...['--telemetry-level', 'off'],
    ...(asksForTrust ? [] : ['--disable-workspace-trust']),
    '--disable-update-check',
    // A window that could not say goodbye is not waited for: its extension host ends after these seconds.
    ...['--reconnection-grace-time', '20'],
    '--disable-getting-started-override',
    // A built VS Code ignores extensionDevelopmentPath and extensionTestsPath in the address without it.
    '--enable-smoke-test-driver',
  ];
}

function installVsix(
  { node, serverMain }: ReturnType<typeof hostAt>,
  vsix: string,
  folderArguments: string[],
): void {
  const result = spawnSync(
    node,
    [serverMain, '--accept-server-license-terms', ...folderArguments, '--install-extension', vsix],
    { encoding: 'utf8' },
  );
  // The server exits with 0 even when it could not install.
  if (result.status !== 0 || !/was successfully installed/.test(result.stdout)) {
    throw new Error(`Could not install ${vsix}:\n${result.stdout}${result.stderr}`);
  }
}

/** @returns host:port once the server accepts connections. */
function listeningAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const fail = (what: string) => {
      clearTimeout(timer);
      reject(new Error(`VS Code's server ${what}:\n${output}`));
    };
    const timer = setTimeout(() => fail('did not start in time'), START_TIMEOUT_MS);
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const listening = /Web UI available at http:\/\/[^:\s]+:(\d+)/.exec(output);
      if (listening === null) return;
      clearTimeout(timer);
      child.stdout?.off('data', read);
      resolve(`127.0.0.1:${listening[1]}`);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', (error) => fail(`could not be started (${error.message})`));
    child.once('exit', (code) => fail(`exited with ${code}`));
  });
}

async function stopHost(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
    await exited;
    clearTimeout(timer);
  }
  // Extension hosts that are just ending may still write into it.
  if (existsSync(folder))
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}
