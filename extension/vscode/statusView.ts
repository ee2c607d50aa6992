import type { RuntimeHealth } from '../runtime-client/health';
import { presentError } from './errorPresentation';

export interface StatusInput {
  health: RuntimeHealth;
  isEnabled: boolean;
  /** Language of the active editor, if there is one. */
  language: { id: string; isEnabled: boolean } | undefined;
  isWorking: boolean;
}

type StatusState = 'starting' | 'ready' | 'working' | 'off' | 'failed';

export interface StatusView {
  state: StatusState;
  text: string;
  tooltip: string;
  /** Read by screen readers, and by tests: `Mamba Complete: ready`. */
  label: string;
  severity: 'none' | 'warning' | 'error';
}

const ICONS: Readonly<Record<StatusState, string>> = {
  starting: '$(loading~spin)',
  ready: '$(sparkle)',
  working: '$(sync~spin)',
  off: '$(circle-slash)',
  failed: '$(warning)',
};

/** The one place where the runtime's health becomes what the user sees in the status bar. */
export function statusView(input: StatusInput): StatusView {
  const { state, detail, severity } = stateOf(input);
  return {
    state,
    text: `${ICONS[state]} Mamba`,
    tooltip: `Mamba Complete: ${detail}`,
    label: `Mamba Complete: ${state}`,
    severity,
  };
}

function stateOf(input: StatusInput): Pick<StatusView, 'state' | 'severity'> & { detail: string } {
  const { health, isEnabled, language, isWorking } = input;
  if (!isEnabled) return { state: 'off', detail: 'off', severity: 'none' };
  switch (health.state) {
    case 'failed':
      return { state: 'failed', detail: health.error.message, severity: severityOf(health) };
    case 'stopped':
      return { state: 'off', detail: 'the model runtime is stopped', severity: 'none' };
    case 'starting': {
      const detail =
        health.lastError === undefined
          ? 'loading the model'
          : `starting again. ${health.lastError.message}`;
      return { state: 'starting', detail, severity: 'none' };
    }
    case 'ready': {
      if (language?.isEnabled === false) {
        return { state: 'off', detail: `off for ${language.id}`, severity: 'none' };
      }
      const detail = `${health.model.name} on ${health.engine.device}`;
      return { state: isWorking ? 'working' : 'ready', detail, severity: 'none' };
    }
  }
}

function severityOf(health: Extract<RuntimeHealth, { state: 'failed' }>): 'warning' | 'error' {
  return presentError(health.error.code).severity;
}
