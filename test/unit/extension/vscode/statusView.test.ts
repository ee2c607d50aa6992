import { expect, it } from 'vitest';
import type { RuntimeHealth } from '../../../../extension/runtime-client/health';
import { panelState } from '../../../../extension/vscode/panelState';
import type { StatusInput } from '../../../../extension/vscode/statusView';
import { statusView } from '../../../../extension/vscode/statusView';
import { parseSettings } from '../../../../extension/settings/parse';
import { RuntimeError } from '../../../../model-runtime/protocol/errors';
import { parsePanelRequest, parsePanelState } from '../../../../webview/protocol';
import { FIGURES, initialized } from '../support/fakePort';

const ready: RuntimeHealth = { state: 'ready', ...initialized(1) };

const view = (input: Partial<StatusInput>) =>
  statusView({
    health: ready,
    isEnabled: true,
    language: { id: 'go', isEnabled: true },
    isWorking: false,
    ...input,
  });

it('names every state for screen readers', () => {
  const error = new RuntimeError('modelCorrupt', 'Install it again.');
  expect(view({}).label).toBe('Mamba Complete: ready');
  expect(view({ isWorking: true }).label).toBe('Mamba Complete: working');
  expect(view({ health: { state: 'starting' } }).label).toBe('Mamba Complete: starting');
  expect(view({ isEnabled: false }).label).toBe('Mamba Complete: off');
  expect(view({ language: { id: 'go', isEnabled: false } })).toMatchObject({
    label: 'Mamba Complete: off',
    tooltip: 'Mamba Complete: off for go',
  });
  expect(view({ health: { state: 'failed', error } })).toMatchObject({
    label: 'Mamba Complete: failed',
    tooltip: 'Mamba Complete: Install it again.',
    severity: 'error',
  });
});

it('keeps a failure in sight while a language is off, but not while everything is', () => {
  const error = new RuntimeError('internal', 'x');
  const health: RuntimeHealth = { state: 'failed', error };
  expect(view({ health, language: { id: 'go', isEnabled: false } }).state).toBe('failed');
  expect(view({ health, isEnabled: false }).state).toBe('off');
});

it('tells the panel what it parses', () => {
  const { settings } = parseSettings(() => undefined);
  const states = [
    panelState(settings, { state: 'stopped' }, undefined),
    panelState(settings, ready, { ...FIGURES, latencyMs: 120 }),
  ];
  for (const state of states)
    expect(parsePanelState(JSON.parse(JSON.stringify(state)))).toEqual(state);
  expect(states[1].lastRequest).toMatchObject({ tokensPerSecond: 100, latencyMs: 120 });
  expect(states[1].runtime).toMatchObject({ device: 'CPU, 2 threads', threads: 2 });
});

it('refuses messages of the panel that are none', () => {
  for (const junk of [null, 'ready', { kind: 'other' }, { kind: 'runCommand', command: 'rm' }]) {
    expect(parsePanelRequest(junk)).toBeUndefined();
  }
  expect(
    parsePanelRequest({ kind: 'changeSetting', key: 'modelFolder', value: '/' }),
  ).toBeUndefined();
  expect(parsePanelRequest({ kind: 'ready' })).toEqual({ kind: 'ready' });
});
