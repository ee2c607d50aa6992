import { expect, type FrameLocator, type Locator } from '@playwright/test';
import type { Workbench } from './workbench';

/** The settings panel as a person uses it. */
export class SettingsPanel {
  readonly frame: FrameLocator;

  constructor(private readonly workbench: Workbench) {
    this.frame = workbench.webview();
  }

  /** Opens the panel, or shows it again, and waits until it has its content. */
  async open(): Promise<this> {
    await this.workbench.runCommand('Open Settings Panel');
    await expect(this.locator('#status')).toHaveText(/\S/);
    return this;
  }

  locator(selector: string): Locator {
    return this.frame.locator(selector);
  }

  button(name: string): Locator {
    return this.locator('vscode-button:visible').filter({ hasText: name });
  }

  /** Types into a setting's text field and leaves it with Enter. */
  async fill(key: string, text: string): Promise<void> {
    const input = this.locator(`#${key} input`);
    await input.fill(text);
    await input.press('Enter');
  }

  async choose(id: string, label: string): Promise<void> {
    await this.locator(`#${id}`).click();
    await this.locator(`#${id} vscode-option`).getByText(label, { exact: true }).click();
  }

  /**
   * Chooses a settings file and begins to type a setting within one turn of the page, so before the file's values can have come. The
   * field keeps the focus.
   */
  async typeWhileChoosing(
    target: string,
    key: string,
    text: string,
    ...events: string[]
  ): Promise<void> {
    await this.locator('body').evaluate(
      (body, { target, key, text, events }) => {
        const scope = body.querySelector<HTMLSelectElement>('#scopeTarget');
        const input = body.querySelector(`#${key}`)?.shadowRoot?.querySelector('input');
        if (scope === null || !input) throw new Error('there is no such control');
        scope.value = target;
        scope.dispatchEvent(new Event('change'));
        input.focus();
        input.value = text;
        for (const event of ['input', ...events]) {
          input.dispatchEvent(new InputEvent(event, { bubbles: true, composed: true }));
        }
      },
      { target, key, text, events },
    );
  }

  async toggle(key: string): Promise<void> {
    await this.locator(`#${key}`).click();
  }

  /** Waits until a setting's control shows a value. */
  async expectValue(key: string, value: unknown): Promise<void> {
    const control = this.locator(`#${key}`);
    if (typeof value === 'boolean') {
      await expect(control).toHaveAttribute('aria-checked', String(value));
    } else {
      await expect(control).toHaveJSProperty('value', String(value));
    }
  }

  problem(key: string): Locator {
    return this.locator(`#${key}-problem`);
  }

  origin(key: string): Locator {
    return this.locator(`#${key}-description .origin`);
  }
}
