import { defineConfig } from '@playwright/test';
import { launchOptions, VIEWPORT } from './test/support/vscode-host/openBrowser';

export default defineConfig({
  outputDir: 'test-results/playwright',
  // Each window runs a model of its own: two at a time would only slow each other down.
  workers: 1,
  timeout: 180_000,
  expect: { timeout: 30_000 },
  forbidOnly: true,
  // A whole editor on two shared cores: once more before it counts; the summary tells of it.
  retries: 1,
  reporter: [['list']],
  use: { viewport: VIEWPORT, launchOptions: launchOptions(), screenshot: 'only-on-failure' },
  projects: [
    { name: 'browser', testDir: 'test/browser', testMatch: '*.browser.test.ts' },
    { name: 'package', testDir: 'test/package', testMatch: '*.package.test.ts' },
  ],
});
