import { expect } from '@playwright/test';
import { givesLargePages } from '../../model-runtime/engines/cpu/largePages';
import { UNFINISHED_DISTANCE } from '../support/examples';
import { bytesAskedLarge } from '../support/memoryMappings';
import { screenshot } from '../support/screenshot';
import { runtimeProcesses, TRIGGER_KEY, windowTest } from '../support/vscode-host/windowTest';
import { VSIX } from './vsix';

windowTest.use({
  vsix: VSIX,
  files: { 'geometry.ts': `${UNFINISHED_DISTANCE}  \n}\n` },
  settings: { 'workbench.colorTheme': 'Dark Modern' },
  // The picture is docs/images/ghost-text.png: no larger than what it shows.
  viewport: { width: 960, height: 420 },
});

windowTest(
  'completes code on its own Node after it was installed from the VSIX',
  async ({ workbench, host }) => {
    const processes = runtimeProcesses(host);
    const commands = processes.map(({ commandLine }) => commandLine[0]);
    expect(commands).toEqual([expect.stringContaining(`${host.extensionsFolder}/mamba-complete.`)]);
    await workbench.openFileAtEnd('geometry.ts');
    // Into the line before the closing bracket.
    await workbench.page.keyboard.press('ArrowUp');
    await workbench.page.keyboard.press('ArrowUp');
    await workbench.page.keyboard.press('End');
    await workbench.page.keyboard.press(TRIGGER_KEY);
    const firstLine = await workbench.waitForGhostText();
    expect(firstLine).toBe('const dy = a.y - b.y;');
    await screenshot(workbench.page, 'installed');
    await workbench.page.keyboard.press('Tab');
    await expect.poll(() => workbench.savedText('geometry.ts')).toContain(firstLine);
    // Once nothing else is to be done, by a library that the package carries for it.
    const asksForLargePages = () =>
      processes.map(({ processId }) => bytesAskedLarge(processId) > 0);
    await expect.poll(asksForLargePages, { timeout: 60_000 }).toEqual([givesLargePages()]);
  },
);
