import * as vscode from 'vscode';
import type { Refusal } from '../../webview/protocol';
import { parsePanelRequest } from '../../webview/protocol';
import type { SettingInput } from '../settings/input';
import { parseSettingInput } from '../settings/input';
import type { SettingKey } from '../settings/table';
import { settingKeys, settingsTable } from '../settings/table';
import type { Benchmark } from './benchmark';
import { commandId } from './commandTable';
import { modelFolderProblem } from './modelFolder';
import type { SettingScope } from './panelScope';
import type { SettingsStore } from './settingsStore';

/** Does what the panel asks for. A value that is not written is answered with the reason. */
export class PanelRequests {
  constructor(
    private readonly settings: SettingsStore,
    private readonly scope: SettingScope,
    private readonly benchmark: Benchmark,
    private readonly extensionFolder: string,
  ) {}

  /** Throws for what is no request. */
  async handle(raw: unknown): Promise<Refusal | undefined> {
    const request = parsePanelRequest(raw);
    if (request === undefined) throw new Error('a message was not understood');
    switch (request.kind) {
      case 'ready':
        this.scope.choose(request.scope, 0);
        return undefined;
      case 'chooseScope':
        this.scope.choose(request.scope, request.choice);
        return undefined;
      case 'changeSetting':
        return this.change(toKey(request.key), request.value);
      case 'resetSetting': {
        const key = toKey(request.key);
        return this.refusedUnlessDone(key, this.settings.reset(key, this.scope.selection));
      }
      case 'switchLanguage':
        return this.switchLanguage(request.id, request.isEnabled);
      case 'useEngine':
        await this.benchmark.use(request.name);
        return undefined;
      case 'runCommand':
        // The panel goes on showing what happens while it runs.
        void vscode.commands.executeCommand(commandId(request.command));
        return undefined;
    }
  }

  private async change(key: SettingKey, input: boolean | string): Promise<Refusal | undefined> {
    // As chosen when the value was typed, whatever is chosen while it is being looked at.
    const { selection } = this.scope;
    const parsed = parseSettingInput(settingsTable[key], input);
    const reason =
      key === 'modelFolder' && typeof input === 'string'
        ? await modelFolderProblem(input, this.extensionFolder)
        : reasonOf(parsed);
    if (reason !== undefined) return { kind: 'refused', key, reason };
    if (parsed.kind !== 'value') return undefined;
    // `parseSettingInput` gives a value of the setting's type.
    return this.refusedUnlessDone(key, this.settings.write(key, parsed.value, selection));
  }

  private async switchLanguage(id: string, isEnabled: boolean): Promise<Refusal | undefined> {
    if (!/^[^\s[\]"']+$/.test(id)) {
      const reason = vscode.l10n.t('A language’s identifier has no blanks, brackets or quotes.');
      return { kind: 'refused', key: 'languages', reason };
    }
    const { selection } = this.scope;
    return this.refusedUnlessDone(
      'languages',
      this.settings.switchLanguage(id, isEnabled, selection),
    );
  }

  /** VS Code does not write into a settings file with errors in it, for example. */
  private async refusedUnlessDone(
    key: SettingKey,
    written: Promise<void>,
  ): Promise<Refusal | undefined> {
    try {
      await written;
      return undefined;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const reason = vscode.l10n.t('It could not be written. {0}', message);
      return { kind: 'refused', key, reason };
    }
  }
}

function toKey(key: string): SettingKey {
  const found = settingKeys.find((candidate) => candidate === key);
  if (found === undefined) throw new Error(`there is no setting ${key}`);
  return found;
}

function reasonOf(input: SettingInput): string | undefined {
  switch (input.kind) {
    case 'value':
      return undefined;
    case 'notANumber':
      return vscode.l10n.t('Enter a number.');
    case 'notWhole':
      return vscode.l10n.t('Enter a whole number.');
    case 'outOfRange':
      return vscode.l10n.t('Enter a number from {0} to {1}.', input.minimum, input.maximum);
    case 'unknown':
      return vscode.l10n.t('This value cannot be chosen.');
  }
}
