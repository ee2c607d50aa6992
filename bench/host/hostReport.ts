import type { ScriptProfile } from '../cpuProfile';
import { formatTable } from '../table';
import { spreadOf } from '../statistics';
import type { ColdStart, Restart } from './coldStart';
import type { HostReport } from './main';
import type { EventLoopDelay } from './messages';

/** Limits that the product promises, for people to compare with. */
export function formatHostReport(report: HostReport): string {
  const { activation, profile, start, restart } = report;
  return [
    `Real editor, ${report.typedCharacters} characters typed; ${report.date}`,
    '',
    activationLine(activation),
    startLine(start),
    restartLine(restart),
    ghostLine(report),
    steadyLine(report.steadyKeyToGhostMs),
    `Longest stretch of our code on the extension host's thread while typing: ${stretch(profile)} (${profile.longestStack.join(' < ') || 'none seen'})`,
    `Our code took ${ms(profile.totalMs)} of ${ms(profile.durationMs)}, ${profile.samples} samples`,
    '',
    'Event loop delay while typing, ms',
    ...formatTable([
      ['', 'p50', 'p90', 'p99', 'max'],
      delayRow('without the extension', report.delayWithout),
      delayRow('with it', report.delayWith),
    ]),
  ].join('\n');
}

function activationLine(activation: HostReport['activation']): string {
  const { activateMs, ownActivateMs, profile, wasActive } = activation;
  return wasActive
    ? `Activation: our own part ${ms(ownActivateMs)} (it was active before the probe asked; loading was not seen)`
    : `Activation: ${ms(activateMs)} with loading the bundle, activate alone ${ms(ownActivateMs)}, our code's longest stretch ${stretch(profile)}`;
}

export function startLine(start: ColdStart): string {
  const { windowMs, readyMs, focusedMs, firstSuggestionMs } = start;
  return `Cold start, from the editor's loading the extension (${ms(windowMs)} after the window was opened): model ready ${ms(readyMs)}, cursor in the editor and the first key ${ms(focusedMs)}, first suggestion ${maybeMs(firstSuggestionMs)}`;
}

function restartLine({ readyMs, firstSuggestionMs }: Restart): string {
  return `Restart of the runtime in the open window: model ready ${ms(readyMs)}, first suggestion ${maybeMs(firstSuggestionMs)}`;
}

function maybeMs(value: number | undefined): string {
  return value === undefined ? 'none' : ms(value);
}

function ghostLine({ keyToGhostMs, bursts }: HostReport): string {
  if (keyToGhostMs.length === 0) return `Key to suggestion: none in ${bursts} pauses`;
  return `Last key of a burst to suggestion: ${percentiles(keyToGhostMs)}; ${keyToGhostMs.length} of ${bursts} pauses got one`;
}

/** `keys`: for each key, milliseconds until ghost text stood on the screen. */
export function steadyLine(keys: readonly (number | undefined)[]): string {
  const shown = keys.filter((key) => key !== undefined);
  if (shown.length === 0) return 'Steady typing: no suggestion';
  return `Key to suggestion at 200 ms between keys: ${percentiles(shown)}; ${shown.length} of ${keys.length} keys got one`;
}

function percentiles(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const p90 = sorted[Math.ceil(sorted.length * 0.9) - 1] ?? NaN;
  return `p50 ${ms(spreadOf(sorted).median)}, p90 ${ms(p90)}`;
}

function delayRow(name: string, { p50Ms, p90Ms, p99Ms, maxMs }: EventLoopDelay): string[] {
  return [name, ...[p50Ms, p90Ms, p99Ms, maxMs].map((value) => value.toFixed(1))];
}

function stretch({ longestMs, longestOwnMs }: ScriptProfile): string {
  return `${ms(longestOwnMs)}, ${ms(longestMs)} by the clock`;
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
