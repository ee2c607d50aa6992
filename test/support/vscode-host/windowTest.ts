import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { repositoryRoot } from '../repositoryRoot';
import { keepOnThisMachine } from './openBrowser';
import { descendants, type ProcessEntry } from './processTree';
import { startHost, type VscodeHost } from './startHost';
import { Workbench } from './workbench';

export { TRIGGER_KEY } from './workbench';

/** Keys for commands that have none, so that tests need not leave the editor for the palette. */
export const ACCEPT_LINE_KEY = 'Control+Alt+L';
export const ACCEPT_WORD_KEY = 'Control+Alt+W';

const KEYBINDINGS = [
  { key: 'ctrl+alt+l', command: 'editor.action.inlineSuggest.acceptNextLine' },
  { key: 'ctrl+alt+w', command: 'editor.action.inlineSuggest.acceptNextWord' },
  { key: 'ctrl+alt+t', command: 'editor.action.inlineSuggest.trigger' },
  { key: 'ctrl+alt+n', command: 'notifications.showList' },
  { key: 'ctrl+alt+c', command: 'notifications.clearAll' },
];

interface WindowFixtures {
  /** Files of the folder that the window opens: path in it to content. */
  files: Record<string, string>;
  /** Added to the user's settings. */
  settings: Record<string, unknown>;
  /** A window with the extension, its runtime ready. */
  workbench: Workbench;
}

interface HostFixtures {
  /** Installed from this VSIX, or, when it is empty, run from the source folder. */
  vsix: string;
  /** Folders open in Restricted Mode. */
  isRestricted: boolean;
  host: VscodeHost;
}

/** Playwright's `test` with a window of the real VS Code. Every test also proves that no runtime outlives its window. */
export const windowTest = test.extend<WindowFixtures, HostFixtures>({
  vsix: ['', { scope: 'worker', option: true }],
  isRestricted: [false, { scope: 'worker', option: true }],
  settings: [{}, { option: true }],
  files: [{}, { option: true }],
  host: [
    async ({ vsix, isRestricted }, use) => {
      const host = await startHost({
        keybindings: KEYBINDINGS,
        asksForTrust: isRestricted,
        ...(vsix === '' ? {} : { vsix }),
      });
      await use(host);
      await host.stop();
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  workbench: async ({ host, vsix, settings, files, context, page }, use, testInfo) => {
    const parent = mkdtempSync(path.join(tmpdir(), 'mamba-complete-folder-'));
    // Its name is in every screenshot.
    const folder = path.join(parent, 'project');
    mkdirSync(folder);
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), content);
    }
    // What the model is unsure of is shown too: these tests look at the editor, not at the model.
    host.writeSettings({ 'mambaComplete.confidence': 'all', ...settings });
    await keepOnThisMachine(context);
    const workbench = new Workbench(page, folder);
    const developmentPaths = vsix === '' ? [repositoryRoot()] : [];
    await workbench.goto(host.windowUrl({ folder, developmentPaths }));
    await workbench.waitUntilReady();
    await use(workbench);
    if (testInfo.status !== testInfo.expectedStatus) await workbench.printEvidence();
    await workbench.close();
    await expect.poll(() => runtimeProcessIds(host), { timeout: 60_000 }).toEqual([]);
    rmSync(parent, { recursive: true, force: true });
  },
});

/** Runtime processes that the host's windows have started. */
export function runtimeProcesses(host: VscodeHost): ProcessEntry[] {
  return descendants(host.processId).filter(({ commandLine }) =>
    commandLine.some((part) => part.endsWith('dist/runtime.js')),
  );
}

export function runtimeProcessIds(host: VscodeHost): number[] {
  return runtimeProcesses(host).map(({ processId }) => processId);
}
