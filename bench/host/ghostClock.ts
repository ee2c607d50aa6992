import type { Page } from '@playwright/test';

declare global {
  interface Window {
    /** When the last key went down, when ghost text was first painted after it, and when ever; page time in ms. */
    ghostClock?: {
      keyMs: number;
      shownMs: number | undefined;
      firstShownMs: number | undefined;
      /** For each key, from going down to the next frame with ghost text, even when other keys came between. */
      keys: { keyMs: number; shownAfterMs: number | undefined }[];
    };
  }
}

const GHOST_TEXT = '.ghost-text-decoration, .ghost-text-decoration-preview';

/** Has every page loaded from now on watch its frames for ghost text. */
export async function installGhostClock(page: Page): Promise<void> {
  await page.addInitScript((selector) => {
    const clock = {
      keyMs: 0,
      shownMs: undefined as number | undefined,
      firstShownMs: undefined as number | undefined,
      keys: [] as { keyMs: number; shownAfterMs: number | undefined }[],
    };
    window.ghostClock = clock;
    document.addEventListener(
      'keydown',
      () => {
        clock.keyMs = performance.now();
        clock.shownMs = undefined;
        clock.keys.push({ keyMs: clock.keyMs, shownAfterMs: undefined });
      },
      true,
    );
    let framesSinceKey = 0;
    let seenKeyMs = 0;
    const look = () => {
      framesSinceKey = seenKeyMs === clock.keyMs ? framesSinceKey + 1 : 0;
      seenKeyMs = clock.keyMs;
      // The first frame after a key may still show what was there before it.
      if (clock.shownMs === undefined && framesSinceKey > 0) {
        const pieces = [...document.querySelectorAll(selector)];
        if (pieces.some((piece) => piece.textContent?.trim())) {
          clock.shownMs = performance.now();
          clock.firstShownMs ??= clock.shownMs;
          for (const key of clock.keys) key.shownAfterMs ??= clock.shownMs - key.keyMs;
        }
      }
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, GHOST_TEXT);
}

/** Milliseconds from the last key to ghost text on the screen; undefined when there is none in time. */
export async function keyToGhostMs(page: Page, timeoutMs: number): Promise<number | undefined> {
  try {
    await page.waitForFunction(() => window.ghostClock?.shownMs !== undefined, undefined, {
      timeout: timeoutMs,
    });
  } catch {
    // Nothing was suggested here: not every place gets a suggestion.
    return undefined;
  }
  return page.evaluate(() => {
    const clock = window.ghostClock;
    return clock?.shownMs === undefined ? undefined : clock.shownMs - clock.keyMs;
  });
}

/** Forgets the keys so far. */
export async function forgetKeys(page: Page): Promise<void> {
  await page.evaluate(() => window.ghostClock?.keys.splice(0));
}

/** Has the next ghost text count as the first one. */
export async function forgetGhosts(page: Page): Promise<void> {
  await page.evaluate(() => {
    if (window.ghostClock) window.ghostClock.firstShownMs = window.ghostClock.shownMs = undefined;
  });
}

/** For each key since `forgetKeys`: milliseconds until ghost text stood on the screen; undefined when it did not any more. */
export async function keyTimes(page: Page): Promise<(number | undefined)[]> {
  return page.evaluate(() => (window.ghostClock?.keys ?? []).map((key) => key.shownAfterMs));
}

/** When ghost text was painted for the first time, in ms since the epoch; undefined when there is none in time. */
export async function firstGhostAt(page: Page, timeoutMs: number): Promise<number | undefined> {
  try {
    await page.waitForFunction(() => window.ghostClock?.firstShownMs !== undefined, undefined, {
      timeout: timeoutMs,
    });
  } catch {
    return undefined;
  }
  return page.evaluate(() => performance.timeOrigin + (window.ghostClock?.firstShownMs ?? NaN));
}
