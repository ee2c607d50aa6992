import type { PanelState } from './protocol';
import type { PanelSection } from './settingControls';
import { heading } from './settingControls';

/** What runs and how fast the last request was, as a list of names and values. */
export function createFigures(): PanelSection {
  const element = document.createElement('section');
  const list = document.createElement('dl');
  element.append(heading('Model runtime'), list);
  return {
    element,
    show: (state) => {
      list.replaceChildren(...rows(state).flatMap(([id, name, value]) => entry(id, name, value)));
    },
  };
}

function rows({ status, runtime, lastRequest }: PanelState): [string, string, string][] {
  const unknown = '—';
  return [
    ['status', 'Status', status.detail],
    ['model', 'Model', runtime.model ?? unknown],
    ['engineName', 'Engine', runtime.engine ?? unknown],
    ['device', 'Device', runtime.device ?? unknown],
    ['threads', 'Threads', runtime.threads?.toString() ?? unknown],
    [
      'speed',
      'Last request: speed',
      lastRequest?.tokensPerSecond === undefined
        ? unknown
        : `${lastRequest.tokensPerSecond.toFixed(1)} tokens/s`,
    ],
    [
      'latency',
      'Last request: time',
      lastRequest === undefined
        ? unknown
        : `${Math.round(lastRequest.latencyMs)} ms for ${lastRequest.generatedTokens} tokens`,
    ],
    [
      'reused',
      'Last request: reused',
      lastRequest === undefined
        ? unknown
        : `${lastRequest.reusedTokens} of ${lastRequest.promptTokens} prompt tokens`,
    ],
  ];
}

function entry(id: string, name: string, value: string): HTMLElement[] {
  const term = document.createElement('dt');
  term.textContent = name;
  const description = document.createElement('dd');
  description.id = `figure-${id}`;
  description.textContent = value;
  return [term, description];
}
