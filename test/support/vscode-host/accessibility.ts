import type { Page } from '@playwright/test';
import axe from 'axe-core';

/** What of axe-core's page-wide `axe` is used here. */
interface AxePage {
  axe: {
    run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
  };
}

/** @returns axe-core's serious and critical violations in the settings panel; throws when no panel is open. */
export async function seriousViolations(page: Page): Promise<string[]> {
  for (const frame of page.frames()) {
    if ((await frame.locator('#panel').count()) === 0) continue;
    await frame.evaluate(axe.source);
    return frame.evaluate(async () => {
      const { violations } = await (window as unknown as AxePage).axe.run();
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
    });
  }
  throw new Error('the settings panel is not open');
}
