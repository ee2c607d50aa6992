import * as vscode from 'vscode';
import { Disposable } from '../common/disposable';
import { errorText } from '../common/errorText';
import type { Logger } from '../common/logger';
import { describeError } from '../common/logger';
import type { RuntimeClient } from '../runtime-client/runtimeClient';
import { commandId } from './commandTable';
import { presentError } from './errorPresentation';

/** Writes failures of the runtime to the log and notifies where the user can do something. */
export class ErrorPresenter extends Disposable {
  constructor(
    runtime: RuntimeClient,
    private readonly logger: Logger,
  ) {
    super();
    this.register(
      runtime.onHealthChange((health) => {
        if (health.state === 'failed') this.present(health.error);
      }),
    );
  }

  private present(error: Extract<RuntimeClient['health'], { state: 'failed' }>['error']): void {
    this.logger.error(`runtime: ${error.code}: ${error.message}`);
    const { notifies, actions } = presentError(error.code);
    if (!notifies) return;
    void this.notify(errorText(error, vscode.l10n.t), actions);
  }

  private async notify(
    message: string,
    actions: ReturnType<typeof presentError>['actions'],
  ): Promise<void> {
    try {
      const titles = actions.map(actionTitle);
      const chosen = await vscode.window.showErrorMessage(`Mamba Complete: ${message}`, ...titles);
      const action = actions.find((candidate) => actionTitle(candidate) === chosen);
      if (action !== undefined) await vscode.commands.executeCommand(commandId(action));
    } catch (error) {
      this.logger.error(`notification: ${describeError(error)}`);
    }
  }
}

function actionTitle(action: ReturnType<typeof presentError>['actions'][number]): string {
  switch (action) {
    case 'showLog':
      return vscode.l10n.t('Show Log');
    case 'openSettings':
      return vscode.l10n.t('Settings');
    case 'restartRuntime':
      return vscode.l10n.t('Restart');
  }
}
