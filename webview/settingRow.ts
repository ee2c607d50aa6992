import { createDropdown } from './dropdown';
import type { PanelRequest, SettingField } from './protocol';
import type { ValueControl } from './toolkit';
import { createButton, createCheckbox } from './toolkit';
import type { Translate } from './translate';

export type Send = (request: PanelRequest) => void;

export interface SettingRow {
  element: HTMLElement;
  show(field: SettingField): void;
  /** Says beside the control why its value was not taken. */
  refuse(reason: string): void;
  /** Shows the setting's value again in place of one that was refused, until `show` tells another. */
  restore(): void;
}

interface Control {
  element: HTMLElement;
  show(field: SettingField): void;
  /** Of controls that can hold a value that was not taken. */
  restore?: () => void;
}

/** A setting's control with its label, its description, where it is set, and room for what is wrong with it. */
export function createSettingRow(first: SettingField, send: Send, t: Translate): SettingRow {
  const { key } = first;
  const element = document.createElement('div');
  element.className = 'setting';
  const description = paragraph('description', `${key}-description`);
  const problem = paragraph('problem', `${key}-problem`);
  problem.setAttribute('role', 'alert');
  const origin = document.createElement('span');
  origin.className = 'origin';
  const reset = createButton(t('Reset'), () => {
    restore();
    send({ kind: 'resetSetting', key });
  });
  reset.setAttribute('aria-label', `${t('Reset')}: ${first.label}`);
  reset.className = 'reset';
  const clear = () => {
    problem.textContent = '';
    control.element.removeAttribute('aria-invalid');
  };
  const control = createControl(
    first,
    (value) => {
      clear();
      send({ kind: 'changeSetting', key, value });
    },
    clear,
  );
  const restore = () => {
    clear();
    control.restore?.();
  };
  control.element.id = key;
  control.element.setAttribute('aria-describedby', `${description.id} ${problem.id}`);
  const line = document.createElement('div');
  line.className = 'line';
  if (first.type !== 'boolean') line.append(labelFor(first));
  line.append(control.element, reset);
  element.append(line, description, problem);
  return {
    element,
    show: (field) => {
      control.show(field);
      description.replaceChildren(field.description, ' ', origin);
      origin.textContent = field.origin;
      reset.hidden = !field.isSetHere;
    },
    refuse: (reason) => {
      problem.textContent = reason;
      control.element.setAttribute('aria-invalid', 'true');
    },
    restore,
  };
}

function createControl(
  field: SettingField,
  change: (value: string | boolean) => void,
  changeBack: () => void,
): Control {
  if (field.type === 'boolean') {
    const box = createCheckbox(field.label, change);
    return {
      element: box.element,
      show: (now) => {
        box.show(now.value === true);
      },
    };
  }
  return field.type === 'choice'
    ? choiceControl(field, change)
    : textControl(field, change, changeBack);
}

function choiceControl(first: SettingField, change: (value: string) => void): Control {
  const dropdown = createDropdown(first.label, change);
  return {
    element: dropdown.element,
    show: (field) => {
      if (field.type !== 'choice') return;
      const options = field.choices.map((choice) => ({ ...choice, label: choice.value }));
      dropdown.show(field.value, options);
    },
  };
}

/** Texts and numbers. What is being typed, or was refused and is no news, is not overwritten. */
function textControl(
  first: SettingField,
  change: (value: string) => void,
  changeBack: () => void,
): Control {
  const control = document.createElement('vscode-text-field') as ValueControl;
  control.setAttribute('aria-label', first.label);
  if (first.type !== 'string') control.setAttribute('inputmode', 'decimal');
  /** `undefined` while it is not known, which makes any text a change. */
  let shown: string | undefined;
  let isTyping = false;
  control.addEventListener('input', () => {
    isTyping = true;
  });
  control.addEventListener('change', () => {
    isTyping = false;
    if (control.value === shown) changeBack();
    else change(control.value);
  });
  control.addEventListener('focusout', () => {
    if (!isTyping) return;
    isTyping = false;
    // Typed and taken back, which is no change; another value may have come meanwhile.
    changeBack();
    if (shown !== undefined) control.value = shown;
  });
  return {
    element: control,
    show: (field) => {
      const value = String(field.value);
      if (value === shown) return;
      shown = value;
      if (!isTyping) control.value = value;
    },
    restore: () => {
      isTyping = false;
      if (shown !== undefined) control.value = shown;
      shown = undefined;
    },
  };
}

function labelFor(field: SettingField): HTMLElement {
  const label = document.createElement('label');
  label.htmlFor = field.key;
  label.textContent = field.label;
  return label;
}

function paragraph(className: string, id: string): HTMLElement {
  const element = document.createElement('p');
  element.className = className;
  element.id = id;
  return element;
}
