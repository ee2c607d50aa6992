import { expect } from '@playwright/test';
import { UNFINISHED_DISTANCE } from '../support/examples';
import { screenshot } from '../support/screenshot';
import { windowTest } from '../support/vscode-host/windowTest';

windowTest.use({
  isRestricted: true,
  settings: {
    'security.workspace.trust.enabled': true,
    // Nobody answers: the folder stays untrusted.
    'security.workspace.trust.startupPrompt': 'never',
  },
  files: {
    'geometry.ts': UNFINISHED_DISTANCE,
    // What a folder of a stranger could point the model at.
    '.vscode/settings.json': JSON.stringify({
      'mambaComplete.modelFolder': '/tmp/a-folder-of-a-stranger',
      'mambaComplete.engine': 'reference',
    }),
  },
});

windowTest(
  'suggests in Restricted Mode, with the model and the engine that the user has chosen',
  async ({ workbench }) => {
    const { page } = workbench;
    await expect(page.locator('.statusbar-item', { hasText: 'Restricted Mode' })).toBeVisible();
    await workbench.openFileAtEnd('geometry.ts');
    await workbench.type('  const dy = ');
    const ghostText = await workbench.waitForGhostText();
    await screenshot(page, 'restricted-mode');
    await page.keyboard.press('Tab');
    await expect
      .poll(() => workbench.savedText('geometry.ts'))
      .toContain(`  const dy = ${ghostText}`);
    await workbench.runCommand('Mamba Complete: Show Log');
    const log = page.locator('.part.panel .view-line');
    await expect(log.filter({ hasText: 'a-folder-of-a-stranger' })).toHaveCount(0);
  },
);
