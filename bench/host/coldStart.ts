import type { Page } from '@playwright/test';
import type { TypedDocument } from './document';
import { firstGhostAt, forgetGhosts } from './ghostClock';
import type { ProbeConnection } from './probeConnection';
import { setCursor, withWindow } from './window';

/** A person who types, looks, and types on. */
const KEY_DELAY_MS = 2000;
const GHOST_TIMEOUT_MS = 60_000;
/** Until what the command has shown is gone and the next is not yet there. */
const QUIET_MS = 2000;

/** Milliseconds from the editor's beginning to load the extension, which it does by itself, as for everybody. */
export interface ColdStart {
  /** The window was opened so long before. */
  windowMs: number;
  /** The model is loaded. */
  readyMs: number;
  /** The cursor is in the editor, and typing begins. */
  focusedMs: number;
  /** The first ghost text on the screen; undefined when there was none. */
  firstSuggestionMs: number | undefined;
}

/** Milliseconds from the command to restart the runtime, in an open window. */
export interface Restart {
  readyMs: number;
  firstSuggestionMs: number | undefined;
}

/** Opens a window on the document and types on at once, until something is suggested. */
export async function measureColdStart(
  repository: string,
  document: TypedDocument,
): Promise<ColdStart> {
  return withWindow(document, [repository], false, async ({ page, connection, openedAt }) => {
    await setCursor(page);
    const focusedAt = performance.timeOrigin + performance.now();
    const shown = firstGhostAt(page, GHOST_TIMEOUT_MS);
    const hasShown = shown.then(() => true);
    for (const character of document.typed) {
      await page.keyboard.type(character);
      const pause = page.waitForTimeout(KEY_DELAY_MS).then(() => false);
      if (await Promise.race([hasShown, pause])) break;
    }
    const { startedAt } = await connection.next('loading');
    const readyMs = (await connection.next('ready')).at - startedAt;
    const shownAt = await shown;
    return {
      windowMs: startedAt - openedAt,
      readyMs,
      focusedMs: focusedAt - startedAt,
      firstSuggestionMs: shownAt === undefined ? undefined : shownAt - startedAt,
    };
  });
}

/** Restarts the runtime on a new line: at the old place the extension remembers what was suggested. */
export async function measureRestart(connection: ProbeConnection, page: Page): Promise<Restart> {
  await page.keyboard.press('Enter');
  await page.waitForTimeout(QUIET_MS);
  await page.keyboard.press('Escape');
  await forgetGhosts(page);
  connection.send({ kind: 'restart' });
  const { startedAt, at } = await connection.next('ready');
  const shownAt = await firstGhostAt(page, GHOST_TIMEOUT_MS);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Backspace');
  return {
    readyMs: at - startedAt,
    firstSuggestionMs: shownAt === undefined ? undefined : shownAt - startedAt,
  };
}
