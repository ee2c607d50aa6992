import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test, type FrameLocator, type Locator, type Page } from '@playwright/test';

/** Bound to «Trigger Inline Suggestion» in the windows of the tests. */
export const TRIGGER_KEY = 'Control+Alt+T';

/** A VS Code window in a browser page, driven by what a person sees and presses. */
export class Workbench {
  /** Ghost text is drawn in several pieces; the first is enough to see that there is some. */
  readonly ghostText: Locator;
  readonly statusBarItem: Locator;
  readonly notifications: Locator;
  readonly quickPickRows: Locator;
  private readonly quickInput: Locator;

  constructor(
    readonly page: Page,
    /** Folder that the window shows. */
    readonly folder: string,
  ) {
    this.ghostText = page.locator('.ghost-text-decoration, .ghost-text-decoration-preview');
    this.statusBarItem = page.locator('.statusbar-item[id^="mamba-complete.mamba-complete"]');
    this.notifications = page.locator('.notification-toast');
    this.quickInput = page.locator('.quick-input-widget:visible input.input');
    this.quickPickRows = page.locator('.quick-input-widget:visible .monaco-list-row');
  }

  async goto(url: string): Promise<void> {
    await this.page.goto(url);
    await this.page.locator('.monaco-workbench .part.editor').waitFor({ timeout: 120_000 });
    await this.page.locator('.statusbar-item').first().waitFor({ timeout: 120_000 });
  }

  /** Waits until the extension says that its model is loaded. */
  async waitUntilReady(): Promise<void> {
    await expect(this.statusBarItem).toHaveAttribute('aria-label', /ready/i, { timeout: 120_000 });
  }

  /** Opens a file of the folder and puts the cursor at its end. */
  async openFileAtEnd(name: string): Promise<void> {
    // The window may still be restoring its focus and swallow the key: ask until the box is there.
    await expect(async () => {
      await this.page.keyboard.press('Control+P');
      await expect(this.quickInput).toBeVisible({ timeout: 2000 });
    }).toPass({ timeout: 60_000 });
    await this.quickInput.fill(name);
    await this.quickPickRows.filter({ hasText: name }).first().waitFor();
    await this.page.keyboard.press('Enter');
    await expect(this.page.locator('.tab.active', { hasText: name })).toBeVisible();
    await expect(this.page.locator('.editor-instance .monaco-editor.focused')).toBeVisible();
    await this.page.keyboard.press('Control+End');
  }

  /** Types as a person does: key by key. `\n` presses Enter. */
  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text, { delay: 40 });
  }

  /** @returns the ghost text once there is some that is not only blank. */
  async waitForGhostText(timeoutMs = 60_000): Promise<string> {
    await expect(this.filledGhostText).toBeVisible({ timeout: timeoutMs });
    return (await this.ghostText.allTextContents()).join('').replaceAll('\u00a0', ' ');
  }

  /** Presses the key that asks when no ghost text has come by itself; the report shows it. */
  async askUnlessGhostTextComes(): Promise<void> {
    try {
      await expect(this.filledGhostText).toBeVisible({ timeout: 20_000 });
    } catch {
      test
        .info()
        .annotations.push({ type: 'asked by key', description: 'no ghost text by itself' });
      await this.page.keyboard.press(TRIGGER_KEY);
    }
  }

  private get filledGhostText(): Locator {
    return this.ghostText.filter({ hasText: /\S/ }).first();
  }

  async expectNoGhostText(): Promise<void> {
    await expect(this.ghostText).toHaveCount(0);
  }

  /** Saves the file and returns what is on disk: the document's exact text. */
  async savedText(name: string): Promise<string> {
    await this.page.keyboard.press('Control+S');
    await expect(this.page.locator('.tab.active.dirty')).toHaveCount(0);
    return readFileSync(path.join(this.folder, name), 'utf8');
  }

  /** Runs a command through the palette, by the title people see. */
  async runCommand(title: string): Promise<void> {
    await expect(async () => {
      await this.page.keyboard.press('F1');
      await expect(this.quickInput).toBeVisible({ timeout: 2000 });
    }).toPass({ timeout: 60_000 });
    await this.quickInput.fill(`>${title}`);
    await this.quickPickRows.filter({ hasText: title }).first().click();
    // Away from what the palette covered, which would show its tooltip.
    await this.page.mouse.move(0, 400);
  }

  /**
   * By the palette, not by a setting before the start: a development window takes every theme below the extension's
   * folder for the extension's own and starts with one of them, and `.vscode-host` lies there.
   */
  async chooseColorTheme(label: string): Promise<void> {
    await this.runCommand('Preferences: Color Theme');
    // Not the palette's own box, which closes first.
    await this.page.getByPlaceholder(/Color Theme/).fill(label);
    await this.quickPickRows.filter({ hasText: label }).first().click();
  }

  /** The content of the one webview that is open: a frame in the frame that VS Code puts around it. */
  webview(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  }

  /** Closes the window as a person does, so that it says goodbye to its server. */
  async close(): Promise<void> {
    await this.page.goto('about:blank');
    await this.page.close();
  }
}
