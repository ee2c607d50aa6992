import { expect } from '@playwright/test';
import { isRunning, parentOf } from '../support/vscode-host/processTree';
import { runtimeProcessIds, windowTest } from '../support/vscode-host/windowTest';
import { UNFINISHED_RECTANGLE } from '../support/examples';

windowTest.use({ files: { 'shapes.py': UNFINISHED_RECTANGLE } });

windowTest('suggestions come back after the runtime was killed', async ({ workbench, host }) => {
  // A reload would lose this mark.
  await workbench.page.evaluate(() => document.body.setAttribute('data-before-kill', ''));
  await workbench.openFileAtEnd('shapes.py');
  const [killed, ...others] = runtimeProcessIds(host);
  expect(others).toEqual([]);
  process.kill(killed, 'SIGKILL');
  await expect.poll(() => runtimeProcessIds(host)).not.toContain(killed);
  await expect.poll(() => runtimeProcessIds(host)).toHaveLength(1);
  await workbench.waitUntilReady();
  await workbench.type('        self.height = ');
  expect(await workbench.waitForGhostText()).toBe('height');
  await expect(workbench.page.locator('body[data-before-kill]')).toHaveCount(1);
  await workbench.expectNoNotifications();
});

windowTest('the runtime ends when its extension host is killed', async ({ workbench, host }) => {
  const [runtime] = runtimeProcessIds(host);
  const extensionHost = parentOf(runtime);
  if (extensionHost === undefined) throw new Error('no extension host');
  process.kill(extensionHost, 'SIGKILL');
  await expect.poll(() => isRunning(runtime)).toBe(false);
  expect(workbench.page.isClosed()).toBe(false);
});
