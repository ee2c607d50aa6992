import * as vscode from 'vscode';
import { errorText } from '../common/errorText';
import type { RuntimeClient } from '../runtime-client/runtimeClient';
import { commandId } from './commandTable';
import type { SettingsStore } from './settingsStore';

/**
 * Whether the runtime can serve a command now; waits for one that is starting. Otherwise a message says why not and offers what
 * to do, and the answer is false.
 */
export async function requireRuntime(
  runtime: RuntimeClient,
  settings: SettingsStore,
): Promise<boolean> {
  if (!settings.read(undefined).enable) {
    const turnOn = vscode.l10n.t('Turn On');
    const message = vscode.l10n.t('Mamba Complete is turned off, so its model is not loaded.');
    void offer(message, [[turnOn, 'toggle']]);
    return false;
  }
  const health = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Loading the model…') },
    () => runtime.whenSettled(AbortSignal.timeout(120_000)),
  );
  if (health.state === 'ready') return true;
  const message =
    health.state === 'failed'
      ? vscode.l10n.t('The model runtime does not run. {0}', errorText(health.error, vscode.l10n.t))
      : vscode.l10n.t('The model runtime does not run.');
  void offer(message, [
    [vscode.l10n.t('Restart'), 'restartRuntime'],
    [vscode.l10n.t('Show Log'), 'showLog'],
  ]);
  return false;
}

async function offer(
  message: string,
  actions: [string, 'toggle' | 'restartRuntime' | 'showLog'][],
): Promise<void> {
  const titles = actions.map(([title]) => title);
  const chosen = await vscode.window.showWarningMessage(message, ...titles);
  const action = actions.find(([title]) => title === chosen);
  if (action !== undefined) await vscode.commands.executeCommand(commandId(action[1]));
}
