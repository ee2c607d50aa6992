import { expect } from '@playwright/test';
import { screenshot } from '../support/screenshot';
import { SettingsPanel } from '../support/vscode-host/settingsPanel';
import { windowTest } from '../support/vscode-host/windowTest';

windowTest.use({ files: { 'a.ts': 'const first = 1;\n' } });

windowTest('the benchmark runs, stops and sets the fastest engine', async ({ workbench, host }) => {
  windowTest.setTimeout(300_000);
  const { page } = workbench;
  await workbench.openFileAtEnd('a.ts');
  // From the palette: the panel opens where the results come.
  await workbench.runCommand('Mamba Complete: Run Benchmark');
  const panel = new SettingsPanel(workbench);
  const progress = panel.locator('#benchmark-progress');
  await expect(progress).toHaveText(/^cpu int8: (loading|round \d of \d)$/);
  await expect(progress).toBeInViewport();
  const underWay = await workbench.waitForNotification(/benchmark/);
  await expect(underWay.getByRole('button', { name: 'Cancel' })).toBeVisible();
  await screenshot(page, 'benchmark-progress');
  await panel.button('Stop').click();
  await expect(progress).toHaveText('The benchmark was stopped.');
  await expect(panel.button('Stop')).toHaveCount(0);
  await expect(underWay).toHaveCount(0);

  await panel.button('Run benchmark').click();
  await expect(progress).toHaveText(
    /^The fastest engine here is [\w ]+: \d+ tokens per second\.$/,
    {
      timeout: 200_000,
    },
  );
  const rows = panel.locator('#section-benchmark tr[data-engine]');
  await expect(rows).toHaveCount(4);
  await expect(rows.filter({ hasText: 'cpu int4' })).toContainText(/\d+ tokens\/s.*\d+ ms/);
  const fastest = /is ([\w ]+):/.exec(await progress.innerText())?.[1] ?? '';
  const [engine] = fastest.split(' ');
  const offer = await workbench.waitForNotification(`The fastest engine here is ${fastest}`);
  await screenshot(page, 'benchmark-done');
  await offer.getByRole('button', { name: `Use ${fastest}` }).click();
  await expect.poll(() => host.readSettings()['mambaComplete.engine']).toBe(engine);
  // The same in the panel, for any of them.
  await panel.locator('tr[data-engine="cpu int4"] vscode-button').click();
  await expect
    .poll(() => host.readSettings())
    .toMatchObject({
      'mambaComplete.engine': 'cpu',
      'mambaComplete.weights': 'int4',
    });
  await expect(panel.locator('#figure-quantization')).toContainText('int4');
});
