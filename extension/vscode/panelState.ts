import type { PanelState, SettingField } from '../../webview/protocol';
import type { RuntimeHealth } from '../runtime-client/health';
import type { Settings } from '../settings/table';
import type { ScopeView } from './panelScope';
import { timeOfDay } from './statusView';
import { errorText } from '../common/errorText';
import type { Translate } from '../common/translate';

/** Of the shipped model's tokenizer in code, as the settings' descriptions say. */
const CHARACTERS_PER_TOKEN = 3;

export interface PanelStateInput {
  settings: Settings;
  fields: SettingField[];
  /** By language; absent where the scope has none. */
  switches: Settings['languages'] | undefined;
  health: RuntimeHealth;
  scope: ScopeView;
  /** Languages of the documents that are open. */
  openLanguages: readonly string[];
  snoozedUntil: Date | undefined;
  benchmark: PanelState['benchmark'];
  t: Translate;
}

/** What the panel shows of settings and runtime. */
export function panelState(input: PanelStateInput): PanelState {
  const { settings, fields, switches, health, scope, openLanguages, snoozedUntil, benchmark, t } =
    input;
  return {
    kind: 'state',
    ...scope,
    fields,
    languages: switches === undefined ? [] : languageSwitches(switches, openLanguages),
    status: { state: health.state, detail: healthText(health, t) },
    facts: factsOf(health, settings, t),
    snooze: snoozedUntil === undefined ? '' : t('Snoozed until {0}', timeOfDay(snoozedUntil)),
    benchmark,
  };
}

/** `*` first; a language without a switch of its own shows what `*` says. */
function languageSwitches(languages: Settings['languages'], open: readonly string[]) {
  const others = languages['*'] ?? true;
  const named = [...new Set([...Object.keys(languages), ...open])]
    .filter((id) => id !== '*')
    .sort();
  return [
    { id: '*', isEnabled: others },
    ...named.map((id) => ({ id, isEnabled: languages[id] ?? others })),
  ];
}

function factsOf(
  health: RuntimeHealth,
  { contextCharacters }: Settings,
  t: Translate,
): PanelState['facts'] {
  if (health.state !== 'ready') return [];
  const { model, engine } = health;
  const contextTokens = Math.round(contextCharacters / CHARACTERS_PER_TOKEN);
  const size = `${(model.weightsSizeBytes / 2 ** 20).toFixed(0)} MB`;
  return [
    { id: 'model', name: t('Model'), value: model.name },
    {
      id: 'parameters',
      name: t('Parameters'),
      value: t('{0} M, {1} layers, {2}', (model.parameters / 1e6).toFixed(1), model.layers, size),
    },
    {
      id: 'context',
      name: t('Context'),
      value: t(
        'About {0} tokens ({1} characters) before the cursor are read. The model itself has no window: its state has a fixed size.',
        contextTokens,
        contextCharacters,
      ),
    },
    { id: 'quantization', name: t('Weights in memory'), value: engine.weights },
    // The runtime refuses to load weights whose size or SHA-256 differs from the manifest's.
    { id: 'checksum', name: t('Checksum'), value: t('SHA-256 checked when it was loaded') },
    { id: 'engineName', name: t('Engine'), value: engine.name },
    { id: 'device', name: t('Device'), value: engine.device },
  ];
}

/** How the runtime is, in a sentence. */
export function healthText(health: RuntimeHealth, t: Translate): string {
  switch (health.state) {
    case 'stopped':
      return t('Stopped');
    case 'starting':
      return health.lastError === undefined
        ? t('Loading the model…')
        : errorText(health.lastError, t);
    case 'ready':
      return t('Ready, loaded in {0} ms', Math.round(health.loadMs));
    case 'failed':
      return errorText(health.error, t);
  }
}
