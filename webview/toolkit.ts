import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';

/** The panel's controls. The toolkit is no longer developed: this file alone imports it, so that it can be replaced. */
export function defineControls(): void {
  provideVSCodeDesignSystem().register(
    vsCodeButton(),
    vsCodeCheckbox(),
    vsCodeDropdown(),
    vsCodeOption(),
    vsCodeTextField(),
  );
}

/** A control as the panel uses it: what is set and read of the toolkit's elements. */
export interface ValueControl extends HTMLElement {
  value: string;
}

export interface CheckControl extends HTMLElement {
  checked: boolean;
}

export function createButton(text: string, onClick: () => void): HTMLElement {
  const element = document.createElement('vscode-button');
  element.setAttribute('appearance', 'secondary');
  element.textContent = text;
  element.addEventListener('click', onClick);
  return element;
}

/** A check box that reports only what the user does: the toolkit fires `change` for a change by program too. */
export function createCheckbox(
  label: string,
  onChange: (isChecked: boolean) => void,
): { element: HTMLElement; show: (isChecked: boolean) => void } {
  const control = document.createElement('vscode-checkbox') as CheckControl;
  control.textContent = label;
  control.setAttribute('aria-label', label);
  let shown: boolean | undefined;
  control.addEventListener('change', () => {
    if (shown === undefined || control.checked === shown) return;
    shown = control.checked;
    onChange(control.checked);
  });
  return {
    element: control,
    show: (isChecked) => {
      shown = isChecked;
      control.checked = isChecked;
    },
  };
}
