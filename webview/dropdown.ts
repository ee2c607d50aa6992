import type { Offer } from './protocol';
import type { ValueControl } from './toolkit';

interface DropdownOption extends Offer {
  description?: string;
}

export interface Dropdown {
  element: HTMLElement;
  show(value: string, options: readonly DropdownOption[]): void;
}

/** A list to choose from that reports only what the user does. */
export function createDropdown(label: string, onChange: (value: string) => void): Dropdown {
  const control = document.createElement('vscode-dropdown') as ValueControl;
  control.setAttribute('aria-label', label);
  let shown: string | undefined;
  let offered = '';
  const report = () => {
    if (shown === undefined || control.value === shown) return;
    shown = control.value;
    onChange(control.value);
  };
  control.addEventListener('change', report);
  // The toolkit says nothing when the arrow keys reach what was chosen before a program changed the value.
  control.addEventListener('keyup', () => {
    if (control.getAttribute('aria-expanded') !== 'true') report();
  });
  // The toolkit takes what the arrow keys have reached also on Escape, which is to leave everything as it was.
  control.addEventListener(
    'keydown',
    (event) => {
      if (event.key === 'Escape' && shown !== undefined) control.value = shown;
    },
    { capture: true },
  );
  // New options arrive after they were set, and the toolkit then keeps the place in the list, not the value.
  control.shadowRoot?.addEventListener('slotchange', () => {
    if (shown !== undefined) control.value = shown;
  });
  return {
    element: control,
    show: (value, options) => {
      const now = JSON.stringify(options);
      if (offered !== now) {
        offered = now;
        // What the list itself reports while its options change is nobody's choice.
        shown = undefined;
        control.replaceChildren(...options.map(createOption));
      }
      shown = value;
      control.value = value;
    },
  };
}

function createOption({ value, label, description }: DropdownOption): HTMLElement {
  const element = document.createElement('vscode-option');
  element.setAttribute('value', value);
  if (description !== undefined) element.title = description;
  element.textContent = label;
  return element;
}
