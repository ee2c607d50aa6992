import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { openBrowser } from '../../test/support/vscode-host/openBrowser';
import { startHost } from '../../test/support/vscode-host/startHost';
import { Workbench } from '../../test/support/vscode-host/workbench';
import type { TypedDocument } from './document';
import { installGhostClock } from './ghostClock';
import { DOCUMENT_VARIABLE, PORT_VARIABLE, UNFORCED_VARIABLE } from './messages';
import { ProbeConnection } from './probeConnection';

const SETTINGS = {
  // What is typed is what arrives: the text holds its own brackets and indentation.
  'editor.autoClosingBrackets': 'never',
  'editor.autoClosingQuotes': 'never',
  'editor.autoClosingComments': 'never',
  'editor.autoIndent': 'none',
  // Every suggestion counts here, whether it would be accepted or not.
  'mambaComplete.confidence': 'all',
};

export interface OpenWindow {
  page: Page;
  connection: ProbeConnection;
  /** When the browser was told to open it, in ms since the epoch. */
  openedAt: number;
}

/** A new server, browser and window that shows `document`, with these extensions and the probe, for as long as `use` runs. */
export async function withWindow<Result>(
  document: TypedDocument,
  developmentPaths: string[],
  isForced: boolean,
  use: (window: OpenWindow) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mamba-complete-bench-'));
  const file = path.join(folder, document.name);
  writeFileSync(file, document.content);
  const connection = await ProbeConnection.listen();
  const host = await startHost({
    vsix: path.join('out', 'bench-host', 'probe.vsix'),
    env: {
      [PORT_VARIABLE]: String(connection.port),
      [DOCUMENT_VARIABLE]: file,
      ...(isForced ? {} : { [UNFORCED_VARIABLE]: '1' }),
    },
  });
  host.writeSettings(SETTINGS);
  const { browser, page } = await openBrowser();
  try {
    await installGhostClock(page);
    const workbench = new Workbench(page, folder);
    const openedAt = performance.timeOrigin + performance.now();
    await workbench.goto(host.windowUrl({ folder, developmentPaths }));
    return await use({ page, connection, openedAt });
  } finally {
    connection.close();
    await browser.close();
    await host.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Sets the cursor at the end, as a person would before typing. Without the focus an editor shows no ghost text. */
export async function setCursor(page: Page): Promise<void> {
  await page.locator('.monaco-editor .view-lines').first().click();
  await page.keyboard.press('Control+End');
}
