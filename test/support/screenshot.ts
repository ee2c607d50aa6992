import path from 'node:path';
import type { Page } from '@playwright/test';
import { repositoryRoot } from './repositoryRoot';

/** Keeps a picture of the window for people to look at, in a folder that git ignores. */
export async function screenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: path.join(repositoryRoot(), 'screenshots', `${name}.png`) });
}
