import { errorText } from '../common/errorText';
import type { RuntimeHealth } from '../runtime-client/health';
import { presentError } from './errorPresentation';
import type { Translate } from '../common/translate';

export interface StatusInput {
  health: RuntimeHealth;
  isEnabled: boolean;
  /** Language of the active editor, if there is one. */
  language: { id: string; isEnabled: boolean } | undefined;
  isWorking: boolean;
  /** When suggestions while typing come again, if they are put off. */
  snoozedUntil?: Date | undefined;
  /** Why the active document is never read. */
  unread?: 'secretFile' | 'excludedFile' | undefined;
  /** Suggestions while typing wait until the machine is plugged in. */
  isPausedOnBattery?: boolean;
}

type StatusState = 'starting' | 'ready' | 'working' | 'off' | 'snoozed' | 'paused' | 'failed';

export interface StatusView {
  state: StatusState;
  text: string;
  /** A sentence on the state. */
  detail: string;
  /** Read by screen readers, and by tests: `Mamba Complete: ready`. */
  label: string;
  severity: 'none' | 'warning' | 'error';
}

const ICONS: Readonly<Record<StatusState, string>> = {
  starting: '$(loading~spin)',
  ready: '$(sparkle)',
  working: '$(sync~spin)',
  off: '$(circle-slash)',
  snoozed: '$(bell-slash)',
  paused: '$(debug-pause)',
  failed: '$(warning)',
};

/** The one place where the runtime's health becomes what the user sees in the status bar. */
export function statusView(input: StatusInput, t: Translate): StatusView {
  const { state, detail, severity } = stateOf(input, t);
  const { health } = input;
  const engine = health.state === 'ready' && input.isEnabled ? ` ${health.engine.name}` : '';
  return {
    state,
    text: `${ICONS[state]} Mamba${engine}`,
    detail,
    label: `Mamba Complete: ${stateName(state, t)}`,
    severity,
  };
}

function stateOf(
  input: StatusInput,
  t: Translate,
): Pick<StatusView, 'state' | 'severity' | 'detail'> {
  const { health, isEnabled, language, isWorking, snoozedUntil } = input;
  if (!isEnabled) return { state: 'off', detail: t('off'), severity: 'none' };
  switch (health.state) {
    case 'failed':
      return { state: 'failed', detail: errorText(health.error, t), severity: severityOf(health) };
    case 'stopped':
      return { state: 'off', detail: t('the model runtime is stopped'), severity: 'none' };
    case 'starting': {
      const detail =
        health.lastError === undefined
          ? t('loading the model')
          : t('starting again. {0}', errorText(health.lastError, t));
      return { state: 'starting', detail, severity: 'none' };
    }
    case 'ready': {
      if (language?.isEnabled === false) {
        return { state: 'off', detail: t('off for {0}', language.id), severity: 'none' };
      }
      if (snoozedUntil !== undefined) {
        const detail = t('snoozed until {0}', timeOfDay(snoozedUntil));
        return { state: 'snoozed', detail, severity: 'none' };
      }
      if (input.unread !== undefined) {
        const detail =
          input.unread === 'secretFile'
            ? t('off for this file: it may hold secrets')
            : t('off for this file: it is excluded');
        return { state: 'off', detail, severity: 'none' };
      }
      if (input.isPausedOnBattery) {
        const detail = t('paused while on battery; asking by command works');
        return { state: 'paused', detail, severity: 'none' };
      }
      const { model, engine } = health;
      const runs = t('{0} on {1}, engine {2}', model.name, engine.device, engine.name);
      const state = isWorking ? 'working' : 'ready';
      if (engine.gpuFailure === undefined) return { state, detail: runs, severity: 'none' };
      const detail = t('{0}. The GPU is not used: {1}', runs, errorText(engine.gpuFailure, t));
      return { state, detail, severity: 'warning' };
    }
  }
}

function stateName(state: StatusState, t: Translate): string {
  switch (state) {
    case 'starting':
      return t('starting');
    case 'ready':
      return t('ready');
    case 'working':
      return t('working');
    case 'off':
      return t('off');
    case 'snoozed':
      return t('snoozed');
    case 'paused':
      return t('paused');
    case 'failed':
      return t('failed');
  }
}

function severityOf(health: Extract<RuntimeHealth, { state: 'failed' }>): 'warning' | 'error' {
  return presentError(health.error.code).severity;
}

/** Hours and minutes as the reader writes them. */
export function timeOfDay(time: Date): string {
  return time.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}
