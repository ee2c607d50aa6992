import type { PanelRequest, PanelState } from './protocol';
import type { CheckControl, ValueControl } from './toolkit';

type Send = (request: PanelRequest) => void;
type NumberKey = 'debounceMs' | 'maxTokens';
type ChoiceKey = 'multiline' | 'engine';

export interface PanelSection {
  element: HTMLElement;
  show(state: PanelState): void;
}

/** The working controls. Each writes a VS Code setting and follows changes that come from elsewhere. */
export function createSettingControls(send: Send): PanelSection {
  const element = document.createElement('section');
  element.append(heading('Settings'));
  const rows = [
    checkRow('enable', 'Show completions', send),
    choiceRow('multiline', 'Several lines', send),
    numberRow('debounceMs', 'Wait after a keystroke (ms)', send),
    numberRow('maxTokens', 'Most tokens of a completion', send),
    choiceRow('engine', 'Engine (restarts the model runtime)', send),
  ];
  element.append(...rows.map((row) => row.element));
  const buttons = document.createElement('div');
  buttons.className = 'buttons';
  buttons.append(
    button('Restart model runtime', () => {
      send({ kind: 'runCommand', command: 'restartRuntime' });
    }),
    button('Show log', () => {
      send({ kind: 'runCommand', command: 'showLog' });
    }),
  );
  element.append(buttons);
  return {
    element,
    show: (state) => {
      for (const row of rows) row.show(state);
    },
  };
}

export function heading(text: string): HTMLElement {
  const element = document.createElement('h2');
  element.textContent = text;
  return element;
}

function checkRow(key: 'enable', label: string, send: Send): PanelSection {
  const control = document.createElement('vscode-checkbox') as CheckControl;
  control.id = key;
  control.textContent = label;
  // The toolkit fires `change` for programmatic changes too; only a difference from the shown setting is the user's.
  let shown: boolean | undefined;
  control.addEventListener('change', () => {
    if (shown === undefined || control.checked === shown) return;
    shown = control.checked;
    send({ kind: 'changeSetting', key, value: control.checked });
  });
  return {
    element: control,
    show: ({ settings }) => {
      shown = settings[key];
      control.checked = shown;
    },
  };
}

function choiceRow(key: ChoiceKey, label: string, send: Send): PanelSection {
  const control = document.createElement('vscode-dropdown') as ValueControl;
  let shown: string | undefined;
  let offered = '';
  control.addEventListener('change', () => {
    if (shown === undefined || control.value === shown || control.value === '') return;
    shown = control.value;
    send({ kind: 'changeSetting', key, value: control.value });
  });
  return {
    element: labelled(key, label, control),
    show: ({ settings, choices }) => {
      shown = settings[key];
      if (offered !== choices[key].join()) {
        offered = choices[key].join();
        control.replaceChildren(...choices[key].map(option));
      }
      control.value = shown;
    },
  };
}

function numberRow(key: NumberKey, label: string, send: Send): PanelSection {
  const control = document.createElement('vscode-text-field') as ValueControl;
  control.setAttribute('type', 'text');
  control.setAttribute('inputmode', 'numeric');
  let shown: number | undefined;
  let bounds = { minimum: 0, maximum: 0 };
  control.addEventListener('change', () => {
    const value = Number(control.value);
    const { minimum, maximum } = bounds;
    const isValid = control.value.trim() !== '' && Number.isInteger(value);
    if (!isValid || value < minimum || value > maximum) {
      control.value = String(shown ?? '');
      return;
    }
    if (value === shown) return;
    shown = value;
    send({ kind: 'changeSetting', key, value });
  });
  return {
    element: labelled(key, label, control),
    show: ({ settings, ranges }) => {
      bounds = ranges[key];
      control.title = `${bounds.minimum} to ${bounds.maximum}`;
      // What the user is typing is not overwritten by figures that arrive meanwhile.
      if (settings[key] === shown) return;
      shown = settings[key];
      control.value = String(shown);
    },
  };
}

function labelled(id: string, text: string, control: HTMLElement): HTMLElement {
  const row = document.createElement('div');
  row.className = 'row';
  const label = document.createElement('label');
  label.htmlFor = id;
  label.textContent = text;
  control.id = id;
  control.setAttribute('aria-label', text);
  row.append(label, control);
  return row;
}

function option(value: string): HTMLElement {
  const element = document.createElement('vscode-option') as ValueControl;
  element.setAttribute('value', value);
  element.textContent = value;
  return element;
}

function button(text: string, onClick: () => void): HTMLElement {
  const element = document.createElement('vscode-button');
  element.setAttribute('appearance', 'secondary');
  element.textContent = text;
  element.addEventListener('click', onClick);
  return element;
}
