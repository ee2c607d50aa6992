import { expect, it } from 'vitest';
import type { RuntimeHealth } from '../../../../extension/runtime-client/health';
import { HOVER_COMMANDS, statusHover } from '../../../../extension/vscode/statusHover';
import type { StatusInput } from '../../../../extension/vscode/statusView';
import { statusView } from '../../../../extension/vscode/statusView';
import { RuntimeError } from '../../../../model-runtime/protocol/errors';
import { FIGURES, initialized } from '../support/fakePort';

const ready: RuntimeHealth = { state: 'ready', ...initialized(1) };

const t = (message: string, ...values: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (_, i: string) => String(values[Number(i)]));

const view = (input: Partial<StatusInput>) =>
  statusView(
    {
      health: ready,
      isEnabled: true,
      language: { id: 'go', isEnabled: true },
      isWorking: false,
      ...input,
    },
    t,
  );

it('says why there is nothing in a file that is never read, or on battery', () => {
  expect(view({ unread: 'secretFile' })).toMatchObject({
    label: 'Mamba Complete: off',
    detail: 'off for this file: it may hold secrets',
  });
  expect(view({ unread: 'excludedFile' }).detail).toBe('off for this file: it is excluded');
  expect(view({ isPausedOnBattery: true }).label).toBe('Mamba Complete: paused');
});

it('names every state for screen readers', () => {
  const error = new RuntimeError('modelCorrupt', 'Install it again.');
  expect(view({}).label).toBe('Mamba Complete: ready');
  expect(view({ isWorking: true }).label).toBe('Mamba Complete: working');
  expect(view({ health: { state: 'starting' } }).label).toBe('Mamba Complete: starting');
  expect(view({ isEnabled: false }).label).toBe('Mamba Complete: off');
  expect(view({ language: { id: 'go', isEnabled: false } })).toMatchObject({
    label: 'Mamba Complete: off',
    detail: 'off for go',
  });
  expect(view({ health: { state: 'failed', error } })).toMatchObject({
    label: 'Mamba Complete: failed',
    detail: 'Install it again.',
    severity: 'error',
  });
});

it('says why a GPU is not used', () => {
  const { engine } = initialized(1);
  const health: RuntimeHealth = {
    ...ready,
    engine: { ...engine, gpuFailure: { code: 'deviceLost', message: 'It broke.' } },
  };
  expect(view({ health })).toMatchObject({ state: 'ready', severity: 'warning' });
  expect(view({ health }).detail).toContain('. The GPU is not used: It broke.');
});

it('keeps a failure in sight while a language is off, but not while everything is', () => {
  const error = new RuntimeError('internal', 'x');
  const health: RuntimeHealth = { state: 'failed', error };
  expect(view({ health, language: { id: 'go', isEnabled: false } }).state).toBe('failed');
  expect(view({ health, isEnabled: false }).state).toBe('off');
});

it('says until when suggestions are put off, and with which engine the model runs', () => {
  const snoozed = view({ snoozedUntil: new Date(2030, 0, 1, 14, 5) });
  expect(snoozed).toMatchObject({ state: 'snoozed', label: 'Mamba Complete: snoozed' });
  expect(snoozed.detail).toMatch(/05/);
  expect(view({}).text).toBe('$(sparkle) Mamba onnx');
});

it('links from the hover only to commands that are allowed there, and shows figures as text', () => {
  const hover = statusHover(view({}), { ...FIGURES, latencyMs: 120.4 }, t);
  const linked = [...hover.matchAll(/\]\(command:mambaComplete\.(\w+)\)/g)].map(([, name]) => name);
  expect(linked).toEqual([...HOVER_COMMANDS]);
  expect(hover).toContain('| Last request | 8 tokens in 120 ms |');
  expect(hover).toContain('| Reused | 90 of 100 prompt tokens |');
  const error = new RuntimeError('internal', 'a [link](command:evil)');
  const failed = statusHover(view({ health: { state: 'failed', error } }), undefined, t);
  expect(failed).not.toContain('(command:evil)');
});
