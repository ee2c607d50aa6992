import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, type FrameLocator, type Locator, type Page } from '@playwright/test';

/** Bound to «Trigger Inline Suggestion» in the windows of the tests. */
export const TRIGGER_KEY = 'Control+Alt+T';
/** Bound to «Show Notifications» and «Clear All Notifications». */
const SHOW_NOTIFICATIONS_KEY = 'Control+Alt+N';
const CLEAR_NOTIFICATIONS_KEY = 'Control+Alt+C';

/** A VS Code window in a browser page, driven by what a person sees and presses. */
export class Workbench {
  /** Ghost text is drawn in several pieces; the first is enough to see that there is some. */
  readonly ghostText: Locator;
  readonly statusBarItem: Locator;
  /** Those in the list behind the bell: a window under `--enable-smoke-test-driver` has no toasts. */
  readonly notifications: Locator;
  private readonly bell: Locator;
  readonly quickPickRows: Locator;
  private readonly quickInput: Locator;

  constructor(
    readonly page: Page,
    /** Folder that the window shows. */
    readonly folder: string,
  ) {
    this.ghostText = page.locator('.ghost-text-decoration, .ghost-text-decoration-preview');
    this.statusBarItem = page.locator('.statusbar-item[id^="mamba-complete.mamba-complete"]');
    // VS Code's own progress of TypeScript comes and goes.
    this.notifications = page
      .locator('.notifications-center:visible .notification-list-item')
      .filter({ hasNotText: /^Analyzing / });
    this.bell = page.locator('[id="status.notifications"]');
    this.quickInput = page.locator('.quick-input-widget:visible input.input');
    this.quickPickRows = page.locator('.quick-input-widget:visible .monaco-list-row');
  }

  async goto(url: string): Promise<void> {
    await this.page.goto(url);
    await this.page.locator('.monaco-workbench .part.editor').waitFor({ timeout: 120_000 });
    await this.page.locator('.statusbar-item').first().waitFor({ timeout: 120_000 });
  }

  /** By the editor's own command, which keeps what it shows first. */
  async reload(): Promise<void> {
    const loaded = this.page.waitForEvent('load');
    await this.runCommand('Developer: Reload Window');
    await loaded;
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
    await this.takeFromQuickPick(name);
    await expect(this.page.locator('.tab.active', { hasText: name })).toBeVisible();
    await expect(this.page.locator('.editor-instance .monaco-editor.focused')).toBeVisible();
    await this.page.keyboard.press('Control+End');
    // VS Code creates what asks for suggestions when its editor is idle: what is typed before asks for nothing. Idle
    // callbacks run in the order in which they were asked for, so after this one it is there.
    await this.page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
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

  /**
   * Prints what a person would look at first after a failed test: the screenshots of a build machine are gone with it.
   */
  async printEvidence(): Promise<void> {
    try {
      console.log([await this.look(), ...(await this.readLog())].join('\n'));
    } catch (error) {
      // A window that is too broken to be looked at: the test has failed already.
      console.log(`no evidence: ${String(error)}`);
    }
  }

  /** @returns the lines of the extension's log that fit into the window. */
  private async readLog(): Promise<string[]> {
    await this.runCommand('Mamba Complete: Show Log');
    await this.runCommand('View: Toggle Maximized Panel');
    const lines = this.page.locator('.part.panel .view-line').filter({ hasText: /\S/ });
    await lines.first().waitFor({ timeout: 20_000 });
    return lines.allTextContents();
  }

  /** @returns what the window shows, and where its focus is. */
  private async look(): Promise<string> {
    const seen = await this.page.evaluate(() => {
      const texts = (selector: string) =>
        [...document.querySelectorAll(selector)].map((element) => element.textContent);
      return {
        focus: document.activeElement?.className,
        hasFocus: document.hasFocus(),
        lines: texts('.view-line'),
        notifications: texts('.notification-list-item'),
        popups: texts('.suggest-widget.visible, .parameter-hints-widget.visible'),
        statusBar: [...document.querySelectorAll('.statusbar-item')].map((item) =>
          item.getAttribute('aria-label'),
        ),
      };
    });
    return `${new Date().toISOString()} the window: ${JSON.stringify(seen, null, 1)}`;
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

  /** Waits for a notification and shows it among the others. */
  async waitForNotification(text: string | RegExp): Promise<Locator> {
    const found = this.notifications.filter({ hasText: text }).first();
    await expect(async () => {
      await this.page.keyboard.press(SHOW_NOTIFICATIONS_KEY);
      await expect(found).toBeVisible({ timeout: 2000 });
    }).toPass({ timeout: 60_000 });
    return found;
  }

  async clearNotifications(): Promise<void> {
    await this.page.keyboard.press(CLEAR_NOTIFICATIONS_KEY);
    await expect(this.notifications).toHaveCount(0);
    await this.expectNoNotifications();
  }

  /** None that has not been looked at. */
  async expectNoNotifications(): Promise<void> {
    await expect(this.bell.locator('.codicon-bell')).toBeVisible();
    await expect(this.bell.locator('.codicon-bell-dot')).toHaveCount(0);
  }

  /** Runs a command through the palette, by the title people see. */
  async runCommand(title: string): Promise<void> {
    await expect(async () => {
      await this.page.keyboard.press('F1');
      await expect(this.quickInput).toBeVisible({ timeout: 2000 });
    }).toPass({ timeout: 60_000 });
    await this.quickInput.fill(`>${title}`);
    await this.takeFromQuickPick(title);
  }

  /**
   * Takes the first row with the text, by the keyboard: on a busy machine the list is drawn anew for so long that a row may never
   * stand still for a click. Enter takes the row that has the focus, so only once that is the right one, not what the list
   * had before its filter was typed.
   */
  async takeFromQuickPick(text: string): Promise<void> {
    const row = this.quickPickRows.filter({ hasText: text }).first();
    await expect(async () => {
      const classes = await row.getAttribute('class', { timeout: 2000 });
      const isFocused = classes?.split(' ').includes('focused') ?? false;
      await this.page.keyboard.press(isFocused ? 'Enter' : 'ArrowDown');
      expect(isFocused).toBe(true);
    }).toPass({ timeout: 60_000 });
    // The next list may have a row with the same text as this one's other rows.
    await expect(row).toBeHidden();
  }

  /**
   * By the palette, not by a setting before the start: a development window takes every theme below the extension's
   * folder for the extension's own and starts with one of them, and `.vscode-host` lies there.
   */
  async chooseColorTheme(label: string): Promise<void> {
    await this.runCommand('Preferences: Color Theme');
    // Not the palette's own box, which closes first.
    await this.page.getByPlaceholder(/Color Theme/).fill(label);
    await this.takeFromQuickPick(label);
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
