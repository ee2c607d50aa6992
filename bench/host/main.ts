// npm run bench:host: what the extension costs the real editor, and how soon suggestions come. See docs/benchmarks.md.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from '@playwright/test';
import { openBrowser } from '../../test/support/vscode-host/openBrowser';
import { startHost } from '../../test/support/vscode-host/startHost';
import { Workbench } from '../../test/support/vscode-host/workbench';
import type { ScriptProfile } from '../cpuProfile';
import { typedDocument, type TypedDocument } from './document';
import {
  firstGhostAt,
  forgetGhosts,
  forgetKeys,
  installGhostClock,
  keyTimes,
  keyToGhostMs,
} from './ghostClock';
import {
  DOCUMENT_VARIABLE,
  PORT_VARIABLE,
  type EventLoopDelay,
  type ProbeReport,
} from './messages';
import { ProbeConnection } from './probeConnection';
import { activationLine, coldStartLines, formatHostReport, steadyLine } from './hostReport';

/** A person types bursts and looks up between them. */
const BURST_CHARACTERS = 10;
const KEY_DELAY_MS = 60;
/** And one who types without a pause. */
const STEADY_KEY_DELAY_MS = 200;
const GHOST_TIMEOUT_MS = 2000;
const FIRST_GHOST_TIMEOUT_MS = 60_000;

const SETTINGS = {
  // What is typed is what arrives: the text holds its own brackets and indentation.
  'editor.autoClosingBrackets': 'never',
  'editor.autoClosingQuotes': 'never',
  'editor.autoClosingComments': 'never',
  'editor.autoIndent': 'none',
  // Every suggestion counts here, whether it would be accepted or not.
  'mambaComplete.confidence': 'all',
};

export interface HostReport {
  date: string;
  typedCharacters: number;
  activation: Extract<ProbeReport, { kind: 'activated' }>;
  start: ColdStart;
  delayWithout: EventLoopDelay;
  delayWith: EventLoopDelay;
  profile: ScriptProfile;
  /** After each burst that got a suggestion, from its last key to ghost text. */
  keyToGhostMs: number[];
  bursts: number;
  /** For each key of steady typing, until ghost text stood on the screen; absent when it never did. */
  steadyKeyToGhostMs: (number | undefined)[];
}

/** Milliseconds since activation began; `restart`: since the command to restart the runtime in the open window. */
interface ColdStart {
  /** The model is loaded. */
  readyMs: number;
  /** The window is drawn and the cursor is in the editor: before that nobody can type. */
  focusedMs: number;
  /** The first ghost text on the screen; undefined when there was none. */
  firstSuggestionMs: number | undefined;
  restart: { readyMs: number; firstSuggestionMs: number | undefined };
}

interface WindowResult {
  activation: ProbeReport;
  start: ColdStart | undefined;
  /** Of the first pass. */
  delay: EventLoopDelay | undefined;
  profile: ScriptProfile | undefined;
  ghostMs: (number | undefined)[];
  steadyMs: (number | undefined)[];
}

async function main(): Promise<void> {
  const { values: flags } = parseArgs({
    options: {
      json: { type: 'boolean' },
      start: { type: 'boolean' },
      steady: { type: 'boolean' },
    },
  });
  const repository = process.cwd();
  const document = typedDocument(repository);
  if (flags.start) {
    const { activation, start } = await measureWindow([repository], document, 0);
    if (activation.kind !== 'activated' || start === undefined) throw new Error('not activated');
    console.log([activationLine(activation), ...coldStartLines(start)].join('\n'));
    return;
  }
  if (flags.steady) {
    const { steadyMs } = await measureWindow([repository], document, 'steady');
    console.log(flags.json ? JSON.stringify(steadyMs) : steadyLine(steadyMs));
    return;
  }
  const { delay: delayWithout } = await measureWindow([], document, 1);
  const measured = await measureWindow([repository], document, 2);
  const { activation, delay: delayWith, profile, start } = measured;
  if (activation.kind !== 'activated' || profile === undefined || start === undefined) {
    throw new Error('Mamba Complete is not in the window.');
  }
  if (delayWithout === undefined || delayWith === undefined) throw new Error('not typed');
  const report: HostReport = {
    date: new Date().toISOString(),
    typedCharacters: document.typed.length,
    activation,
    start,
    delayWithout,
    delayWith,
    profile,
    keyToGhostMs: measured.ghostMs.filter((ms) => ms !== undefined),
    bursts: measured.ghostMs.length,
    steadyKeyToGhostMs: measured.steadyMs,
  };
  console.log(flags.json ? JSON.stringify(report, undefined, 2) : formatHostReport(report));
}

/**
 * Opens a window with these extensions and types the document's text `passes` times, each time in the state that it had at
 * first: the first pass without a profiler, the second with one. None: only the start is measured; `steady`: only typing without a pause.
 */
async function measureWindow(
  developmentPaths: string[],
  document: TypedDocument,
  passes: 0 | 1 | 2 | 'steady',
): Promise<WindowResult> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mamba-complete-bench-'));
  const file = path.join(folder, document.name);
  writeFileSync(file, document.content);
  const connection = await ProbeConnection.listen();
  const host = await startHost({
    vsix: path.join('out', 'bench-host', 'probe.vsix'),
    env: { [PORT_VARIABLE]: String(connection.port), [DOCUMENT_VARIABLE]: file },
  });
  host.writeSettings(SETTINGS);
  const { browser, page } = await openBrowser();
  try {
    await installGhostClock(page);
    const workbench = new Workbench(page, folder);
    await workbench.goto(host.windowUrl({ folder, developmentPaths }));
    const activation = await connection.next('activated', 'absent');
    // As a person would before typing. Without the focus an editor shows no ghost text.
    await page.locator('.monaco-editor .view-lines').first().click();
    await page.keyboard.press('Control+End');
    const hasExtension = activation.kind === 'activated';
    const start = hasExtension
      ? await coldStart(connection, page, activation.startedAt)
      : undefined;

    if (passes === 0) {
      return { activation, start, delay: undefined, profile: undefined, ghostMs: [], steadyMs: [] };
    }
    if (passes === 'steady') {
      const steadyMs = await typeSteadily(page, document);
      return { activation, start, delay: undefined, profile: undefined, ghostMs: [], steadyMs };
    }
    const unprofiled = await typeWatched(connection, page, document, false, hasExtension);
    if (passes === 1) {
      const { delay, ghostMs } = unprofiled;
      return { activation, start, delay, profile: undefined, ghostMs, steadyMs: [] };
    }
    const profiled = await typeWatched(connection, page, document, true, hasExtension);
    const steadyMs = await typeSteadily(page, document);
    return {
      activation,
      start,
      delay: unprofiled.delay,
      profile: profiled.profile,
      ghostMs: unprofiled.ghostMs,
      steadyMs,
    };
  } finally {
    connection.close();
    await browser.close();
    await host.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The page's clock and the extension host's both count from the epoch on this machine. */
async function coldStart(
  connection: ProbeConnection,
  page: Page,
  startedAt: number,
): Promise<ColdStart> {
  const focusedMs = performance.timeOrigin + performance.now() - startedAt;
  connection.send({ kind: 'ask' });
  const readyMs = (await connection.next('ready')).at - startedAt;
  const shownAt = await firstGhostAt(page, FIRST_GHOST_TIMEOUT_MS);
  const firstSuggestionMs = shownAt === undefined ? undefined : shownAt - startedAt;
  const restart = await restartRuntime(connection, page);
  return { readyMs, focusedMs, firstSuggestionMs, restart };
}

/** On a new line: at the old place the extension remembers what was suggested. */
async function restartRuntime(
  connection: ProbeConnection,
  page: Page,
): Promise<ColdStart['restart']> {
  await page.keyboard.press('Escape');
  await page.keyboard.press('Enter');
  await page.waitForTimeout(GHOST_TIMEOUT_MS);
  await page.keyboard.press('Escape');
  await forgetGhosts(page);
  connection.send({ kind: 'restart' });
  const { startedAt, at } = await connection.next('ready');
  const shownAt = await firstGhostAt(page, FIRST_GHOST_TIMEOUT_MS);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Backspace');
  return {
    readyMs: at - startedAt,
    firstSuggestionMs: shownAt === undefined ? undefined : shownAt - startedAt,
  };
}

/** Types at the end of the document, in bursts, then takes it all back. */
async function typeWatched(
  connection: ProbeConnection,
  page: Page,
  { typed }: TypedDocument,
  isProfiled: boolean,
  expectsGhostText: boolean,
): Promise<{
  delay: EventLoopDelay;
  profile: ScriptProfile | undefined;
  ghostMs: (number | undefined)[];
}> {
  connection.send({ kind: 'watch', isProfiled });
  await connection.next('watching');
  const ghostMs: (number | undefined)[] = [];
  for (let start = 0; start < typed.length; start += BURST_CHARACTERS) {
    for (const character of typed.slice(start, start + BURST_CHARACTERS)) {
      await page.keyboard.type(character);
      await page.waitForTimeout(KEY_DELAY_MS);
    }
    if (expectsGhostText) ghostMs.push(await keyToGhostMs(page, GHOST_TIMEOUT_MS));
    else await page.waitForTimeout(GHOST_TIMEOUT_MS / 4);
  }
  connection.send({ kind: 'stop' });
  const { delay, profile } = await connection.next('watched');
  await page.keyboard.press('Escape');
  for (let index = 0; index < typed.length; index++) await page.keyboard.press('Backspace');
  return { delay, profile, ghostMs };
}

/** Types at the end of the document without a pause. */
async function typeSteadily(page: Page, { typed }: TypedDocument): Promise<(number | undefined)[]> {
  await forgetKeys(page);
  for (const character of typed) {
    await page.keyboard.type(character);
    await page.waitForTimeout(STEADY_KEY_DELAY_MS);
  }
  await page.waitForTimeout(GHOST_TIMEOUT_MS);
  return keyTimes(page);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
