import type { RuntimeHealth } from '../runtime-client/health';
import type { Settings } from '../settings/table';
import { settingsTable } from '../settings/table';
import type { PanelState } from '../../webview/protocol';
import type { RequestFigures } from './activity';

/** What the panel shows, from the settings and the state of the runtime. */
export function panelState(
  settings: Settings,
  health: RuntimeHealth,
  last: RequestFigures | undefined,
): PanelState {
  const { enable, multiline, debounceMs, maxTokens, engine } = settings;
  return {
    kind: 'state',
    settings: { enable, multiline, debounceMs, maxTokens, engine },
    choices: {
      multiline: [...settingsTable.multiline.choices],
      engine: [...settingsTable.engine.choices],
    },
    ranges: { debounceMs: rangeOf('debounceMs'), maxTokens: rangeOf('maxTokens') },
    status: { state: health.state, detail: detailOf(health) },
    runtime:
      health.state === 'ready'
        ? {
            model: `${health.model.name}, ${millions(health.model.parameters)} M parameters`,
            engine: `${health.engine.name}, ${health.engine.weights} weights`,
            device: health.engine.device,
            threads: health.engine.threads,
          }
        : {},
    lastRequest:
      last === undefined
        ? undefined
        : {
            tokensPerSecond:
              last.decodeMs > 0 ? (last.generatedTokens * 1000) / last.decodeMs : undefined,
            latencyMs: last.latencyMs,
            promptTokens: last.promptTokens,
            reusedTokens: last.reusedTokens,
            generatedTokens: last.generatedTokens,
          },
  };
}

function rangeOf(key: 'debounceMs' | 'maxTokens'): { minimum: number; maximum: number } {
  const { minimum, maximum } = settingsTable[key];
  return { minimum, maximum };
}

function detailOf(health: RuntimeHealth): string {
  switch (health.state) {
    case 'stopped':
      return 'Stopped';
    case 'starting':
      return health.lastError === undefined ? 'Loading the model' : health.lastError.message;
    case 'ready':
      return `Ready, loaded in ${Math.round(health.loadMs)} ms`;
    case 'failed':
      return health.error.message;
  }
}

function millions(count: number): string {
  return (count / 1e6).toFixed(1);
}
