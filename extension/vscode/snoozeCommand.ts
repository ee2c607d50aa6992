import * as vscode from 'vscode';
import { Disposable } from '../common/disposable';
import type { Snooze } from '../completion/snooze';

const MINUTES = [5, 15, 30, 60, 240];
const MS_PER_MINUTE = 60_000;

/** Asks for how long suggestions are put off; when they are already, offers to end that. */
export async function chooseSnooze(snooze: Snooze): Promise<void> {
  const items = MINUTES.map((minutes) => ({
    label:
      minutes < 60
        ? vscode.l10n.t('{0} minutes', minutes)
        : vscode.l10n.t('{0} hours', minutes / 60),
    minutes,
  }));
  if (snooze.until !== undefined) {
    items.unshift({ label: vscode.l10n.t('End the snooze now'), minutes: 0 });
  }
  const placeHolder = vscode.l10n.t('Put off suggestions while typing for …');
  const chosen = await vscode.window.showQuickPick(items, { placeHolder });
  if (chosen === undefined) return;
  if (chosen.minutes === 0) snooze.end();
  else snooze.start(chosen.minutes * MS_PER_MINUTE);
}

/** Tells VS Code whether suggestions are put off, for the command that ends it. */
export class SnoozeContext extends Disposable {
  constructor(snooze: Snooze) {
    super();
    this.register(
      snooze.onChange(() => {
        const isSnoozed = snooze.until !== undefined;
        void vscode.commands.executeCommand('setContext', 'mambaComplete.isSnoozed', isSnoozed);
      }),
    );
  }
}
