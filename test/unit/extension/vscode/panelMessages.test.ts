import { expect, it } from 'vitest';
import { Throughput } from '../../../../extension/completion/throughput';
import type { RuntimeHealth } from '../../../../extension/runtime-client/health';
import { parseSettings } from '../../../../extension/settings/parse';
import { settingKeys, type SettingKey } from '../../../../extension/settings/table';
import { SettingDescriptions, settingFields } from '../../../../extension/vscode/panelFields';
import { panelFigures } from '../../../../extension/vscode/panelFigures';
import { panelState } from '../../../../extension/vscode/panelState';
import { parsePanelMessage, parsePanelRequest } from '../../../../webview/protocol';
import { FIGURES, initialized } from '../support/fakePort';

const t = (message: string, ...values: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (_, i: string) => String(values[Number(i)]));

const NO_BENCHMARK = { isRunning: false, progress: '', rows: [] };

function stateWith(health: RuntimeHealth, switches?: Record<string, boolean>) {
  const { settings } = parseSettings(() => undefined);
  const valueOf = (key: SettingKey) => ({ value: settings[key], origin: '', isSetHere: false });
  const fields = settingFields(settingKeys, valueOf, new SettingDescriptions({}), String);
  return panelState({
    settings,
    scope: { scope: { target: 'set', language: '' }, choice: 0, targets: [], scopeLanguages: [] },
    fields,
    switches,
    health,
    openLanguages: ['go', 'go'],
    snoozedUntil: undefined,
    benchmark: NO_BENCHMARK,
    t,
  });
}

const ready: RuntimeHealth = { state: 'ready', ...initialized(1) };
const overTheChannel = (message: unknown): unknown => JSON.parse(JSON.stringify(message));

it('tells the panel what it parses', () => {
  for (const state of [stateWith({ state: 'stopped' }), stateWith(ready)]) {
    expect(parsePanelMessage(overTheChannel(state))).toEqual(state);
  }
  const throughput = new Throughput();
  throughput.addRequest(FIGURES);
  throughput.addSuggestion(120, true);
  const figures = panelFigures(throughput, undefined, t);
  expect(parsePanelMessage(overTheChannel(figures))).toEqual(figures);
});

it('has a field for every setting but those that are objects, and says what runs once', () => {
  const state = stateWith(ready);
  expect(state.fields.map(({ key }) => key)).toEqual(
    settingKeys.filter((key) => key !== 'languages' && key !== 'exclude'),
  );
  const values = state.facts.map(({ value }) => value).join('\n');
  expect(values.match(/threads/g)).toHaveLength(1);
});

it('says of the model what it is and how much context it reads', () => {
  const facts = Object.fromEntries(stateWith(ready).facts.map(({ id, value }) => [id, value]));
  expect(Object.keys(facts)).toEqual([
    'model',
    'parameters',
    'context',
    'quantization',
    'checksum',
    'engineName',
    'device',
  ]);
  expect(facts.context).toMatch(/^About 1000 tokens \(3000 characters\)/);
});

it('has no switches by language where they cannot be set', () => {
  expect(stateWith(ready).languages).toEqual([]);
});

it('lists the languages that are set or open; those without a switch follow the others', () => {
  expect(stateWith(ready, { '*': false, css: true }).languages).toEqual([
    { id: '*', isEnabled: false },
    { id: 'css', isEnabled: true },
    { id: 'go', isEnabled: false },
  ]);
});

it('refuses messages of the panel that are none', () => {
  for (const junk of [null, 'ready', { kind: 'other' }, { kind: 'runCommand', command: 'rm' }]) {
    expect(parsePanelRequest(junk)).toBeUndefined();
  }
  expect(parsePanelRequest({ kind: 'changeSetting', key: 'threads', value: 3 })).toBeUndefined();
  expect(parsePanelRequest({ kind: 'ready' })).toEqual({ kind: 'ready' });
});
