import { expect } from '@playwright/test';
import { screenshot } from '../support/screenshot';
import { seriousViolations } from '../support/vscode-host/accessibility';
import { SettingsPanel } from '../support/vscode-host/settingsPanel';
import { windowTest } from '../support/vscode-host/windowTest';

const THEMES = [
  { theme: 'Dark Modern', className: 'vs-dark' },
  { theme: 'Light Modern', className: 'vs' },
  { theme: 'Dark High Contrast', className: 'hc-black' },
];

/** Controls and texts that stick out of the page sideways. */
async function overflowing(panel: SettingsPanel): Promise<string[]> {
  return panel.locator('body').evaluate((body) => {
    const width = body.ownerDocument.documentElement.clientWidth;
    return [...body.querySelectorAll('#panel *')]
      .filter((element) => element.checkVisibility() && element.clientWidth > 0)
      .filter((element) => {
        const { left, right } = element.getBoundingClientRect();
        return left < -1 || right > width + 1;
      })
      .map((element) => `${element.tagName} ${element.id}: ${element.textContent.slice(0, 40)}`);
  });
}

windowTest(
  'the panel serves in three themes and from right to left, without serious violations',
  async ({ workbench }) => {
    const { page } = workbench;
    const panel = new SettingsPanel(workbench);
    for (const { theme, className } of THEMES) {
      const name = theme.toLowerCase().replaceAll(' ', '-');
      await workbench.chooseColorTheme(theme);
      await expect(page.locator(`.monaco-workbench.${className}`)).toBeVisible();
      await panel.open();
      await panel.locator('#section-scope').evaluate((section) => section.scrollIntoView());
      await screenshot(page, `settings-panel-controls-${name}`);
      expect(await seriousViolations(page), theme).toEqual([]);
      expect(await overflowing(panel), theme).toEqual([]);
    }
    await panel.locator('html').evaluate((html) => html.setAttribute('dir', 'rtl'));
    expect(await overflowing(panel)).toEqual([]);
    const [label, control] = await Promise.all([
      panel.locator('label[for="maxTokens"]').boundingBox(),
      panel.locator('#maxTokens').boundingBox(),
    ]);
    expect(label?.x).toBeGreaterThan(control?.x ?? Infinity);
    await screenshot(page, 'settings-panel-rtl');
  },
);
