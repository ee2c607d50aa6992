// npm run bench:host: what the extension costs the real editor, and how soon suggestions come. See docs/benchmarks.md.
import { parseArgs } from 'node:util';
import type { Page } from '@playwright/test';
import type { ScriptProfile } from '../cpuProfile';
import { measureColdStart, measureRestart, type ColdStart, type Restart } from './coldStart';
import { typedDocument, type TypedDocument } from './document';
import { forgetKeys, keyTimes, keyToGhostMs } from './ghostClock';
import type { EventLoopDelay, ProbeReport } from './messages';
import type { ProbeConnection } from './probeConnection';
import { formatHostReport, startLine, steadyLine } from './hostReport';
import { setCursor, withWindow } from './window';

/** A person types bursts and looks up between them. */
const BURST_CHARACTERS = 10;
const KEY_DELAY_MS = 60;
/** And one who types without a pause. */
const STEADY_KEY_DELAY_MS = 200;
const GHOST_TIMEOUT_MS = 2000;

export interface HostReport {
  date: string;
  typedCharacters: number;
  activation: Extract<ProbeReport, { kind: 'activated' }>;
  start: ColdStart;
  restart: Restart;
  delayWithout: EventLoopDelay;
  delayWith: EventLoopDelay;
  profile: ScriptProfile;
  /** After each burst that got a suggestion, from its last key to ghost text. */
  keyToGhostMs: number[];
  bursts: number;
  /** For each key of steady typing, until ghost text stood on the screen; absent when it never did. */
  steadyKeyToGhostMs: (number | undefined)[];
}

interface WindowResult {
  activation: ProbeReport;
  restart: Restart | undefined;
  /** Of the first pass. */
  delay: EventLoopDelay;
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
    const start = await measureColdStart(repository, document);
    console.log(flags.json ? JSON.stringify(start) : startLine(start));
    return;
  }
  if (flags.steady) {
    const steadyMs = await measureSteady(repository, document);
    console.log(flags.json ? JSON.stringify(steadyMs) : steadyLine(steadyMs));
    return;
  }
  const { delay: delayWithout } = await measureWindow([], document);
  const {
    activation,
    restart,
    delay: delayWith,
    profile,
    ...typing
  } = await measureWindow([repository], document);
  if (activation.kind !== 'activated' || profile === undefined || restart === undefined) {
    throw new Error('Mamba Complete is not in the window.');
  }
  const start = await measureColdStart(repository, document);
  const report: HostReport = {
    date: new Date().toISOString(),
    typedCharacters: document.typed.length,
    activation,
    start,
    restart,
    delayWithout,
    delayWith,
    profile,
    keyToGhostMs: typing.ghostMs.filter((ms) => ms !== undefined),
    bursts: typing.ghostMs.length,
    steadyKeyToGhostMs: typing.steadyMs,
  };
  console.log(flags.json ? JSON.stringify(report, undefined, 2) : formatHostReport(report));
}

/**
 * Opens a window with these extensions and types the document's text, each time in the state that it had at first: without a
 * profiler, and where Mamba Complete is among them with one and then without a pause.
 */
async function measureWindow(
  developmentPaths: string[],
  document: TypedDocument,
): Promise<WindowResult> {
  return withWindow(document, developmentPaths, true, async ({ page, connection }) => {
    const activation = await connection.next('activated', 'absent');
    await setCursor(page);
    if (activation.kind === 'absent') {
      const { delay, ghostMs } = await typeWatched(connection, page, document, false, false);
      return { activation, restart: undefined, delay, profile: undefined, ghostMs, steadyMs: [] };
    }
    await connection.next('ready');
    const restart = await measureRestart(connection, page);
    const { delay, ghostMs } = await typeWatched(connection, page, document, false, true);
    const { profile } = await typeWatched(connection, page, document, true, true);
    const steadyMs = await typeSteadily(page, document);
    return { activation, restart, delay, profile, ghostMs, steadyMs };
  });
}

async function measureSteady(
  repository: string,
  document: TypedDocument,
): Promise<(number | undefined)[]> {
  return withWindow(document, [repository], true, async ({ page, connection }) => {
    await connection.next('activated');
    await setCursor(page);
    await connection.next('ready');
    return typeSteadily(page, document);
  });
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
