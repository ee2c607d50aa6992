import type { PanelState, SettingField } from '../../webview/protocol';
import type { RuntimeHealth } from '../runtime-client/health';
import type { Settings } from '../settings/table';

type Translate = (message: string, ...values: (string | number)[]) => string;

export interface PanelStateInput {
  settings: Settings;
  fields: SettingField[];
  health: RuntimeHealth;
  /** Languages of the documents that are open. */
  openLanguages: readonly string[];
  benchmark: PanelState['benchmark'];
  t: Translate;
}

/** What the panel shows of settings and runtime. */
export function panelState(input: PanelStateInput): PanelState {
  const { settings, fields, health, openLanguages, benchmark, t } = input;
  return {
    kind: 'state',
    fields,
    languages: languageSwitches(settings, openLanguages),
    status: { state: health.state, detail: detailOf(health, t) },
    facts: factsOf(health, t),
    benchmark,
  };
}

/** `*` first; a language without a switch of its own shows what `*` says. */
function languageSwitches({ languages }: Settings, open: readonly string[]) {
  const others = languages['*'] ?? true;
  const named = [...new Set([...Object.keys(languages), ...open])]
    .filter((id) => id !== '*')
    .sort();
  return [
    { id: '*', isEnabled: others },
    ...named.map((id) => ({ id, isEnabled: languages[id] ?? others })),
  ];
}

function factsOf(health: RuntimeHealth, t: Translate): PanelState['facts'] {
  if (health.state !== 'ready') return [];
  const { model, engine } = health;
  const size = `${(model.weightsSizeBytes / 2 ** 20).toFixed(0)} MB`;
  return [
    { id: 'model', name: t('Model'), value: model.name },
    {
      id: 'parameters',
      name: t('Parameters'),
      value: t('{0} M, {1} layers, {2}', (model.parameters / 1e6).toFixed(1), model.layers, size),
    },
    { id: 'quantization', name: t('Weights in memory'), value: engine.weights },
    // The runtime refuses to load weights whose size or SHA-256 differs from the manifest's.
    { id: 'checksum', name: t('Checksum'), value: t('SHA-256 checked when it was loaded') },
    { id: 'engineName', name: t('Engine'), value: engine.name },
    { id: 'device', name: t('Device'), value: engine.device },
  ];
}

function detailOf(health: RuntimeHealth, t: Translate): string {
  switch (health.state) {
    case 'stopped':
      return t('Stopped');
    case 'starting':
      return health.lastError === undefined ? t('Loading the model…') : health.lastError.message;
    case 'ready':
      return t('Ready, loaded in {0} ms', Math.round(health.loadMs));
    case 'failed':
      return health.error.message;
  }
}
