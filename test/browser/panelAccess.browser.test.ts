import { expect } from '@playwright/test';
import { screenshot } from '../support/screenshot';
import { seriousViolations } from '../support/vscode-host/accessibility';
import { SettingsPanel } from '../support/vscode-host/settingsPanel';
import { VIEWPORT } from '../support/vscode-host/openBrowser';
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
    // As at 200 %: half as wide and half as high, with the explorer beside it.
    await page.setViewportSize({ width: VIEWPORT.width / 2, height: VIEWPORT.height / 2 });
    for (const section of ['runtime', 'scope', 'timing']) {
      await panel.locator(`#section-${section}`).evaluate((each) => each.scrollIntoView());
      await screenshot(page, `settings-panel-zoomed-${section}`);
    }
    expect(await overflowing(panel)).toEqual([]);
    expect((await panel.locator('#figure-model').boundingBox())?.width).toBeGreaterThan(100);
    await page.setViewportSize(VIEWPORT);
    await panel.locator('html').evaluate((html) => html.setAttribute('dir', 'rtl'));
    expect(await overflowing(panel)).toEqual([]);
    const [label, control] = await Promise.all([
      panel.locator('label[for="maxTokens"]').boundingBox(),
      panel.locator('#maxTokens').boundingBox(),
    ]);
    expect(label?.x).toBeGreaterThan(control?.x ?? Infinity);
    await screenshot(page, 'settings-panel-rtl');

    // VS Code shows a step's picture where there is room for it.
    await workbench.runCommand('View: Toggle Primary Side Bar Visibility');
    await workbench.runCommand('Welcome: Open Walkthrough');
    await workbench.takeFromQuickPick('Mamba Complete');
    for (const step of ['Type, and press Tab', 'Ask for more', 'Make it yours']) {
      await page.getByRole('button', { name: step }).click();
      const picture = page.locator('.getting-started-media img');
      await expect(picture).toBeVisible();
      await expect
        .poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth))
        .toBeGreaterThan(0);
      await screenshot(page, `walkthrough-${step.slice(0, 4).trim().toLowerCase()}`);
    }
  },
);
