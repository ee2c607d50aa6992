import {
  chromium,
  type Browser,
  type BrowserContext,
  type LaunchOptions,
  type Page,
} from '@playwright/test';
import { CHROMIUM_MISSING, findChromium } from '../../../scripts/vscodeHost.mjs';

export const VIEWPORT = { width: 1280, height: 800 };

/** How every suite starts its browser; throws with advice when there is none. */
export function launchOptions(): LaunchOptions {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(CHROMIUM_MISSING);
  return {
    executablePath,
    args: [
      // Build machines run as root, where Chromium's sandbox refuses to start.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  };
}

/** The workbench asks its gallery and telemetry hosts: refused at once instead of left hanging. */
export async function keepOnThisMachine(context: BrowserContext): Promise<void> {
  await context.route(
    (url) => url.hostname !== '127.0.0.1' && url.hostname !== 'localhost',
    (route) => route.abort(),
  );
}

/** A headless browser with one empty page, for use outside Playwright's runner. The caller closes `browser`. */
export async function openBrowser(): Promise<{ browser: Browser; page: Page }> {
  const browser = await chromium.launch(launchOptions());
  const context = await browser.newContext({ viewport: VIEWPORT });
  await keepOnThisMachine(context);
  return { browser, page: await context.newPage() };
}
