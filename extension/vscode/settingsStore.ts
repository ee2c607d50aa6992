import * as vscode from 'vscode';
import { Disposable } from '../common/disposable';
import { Emitter } from '../common/emitter';
import type { Logger } from '../common/logger';
import { parseSettings } from '../settings/parse';
import type { SettingDefinition, SettingKey, Settings } from '../settings/table';
import { SETTINGS_SECTION, settingKeys, settingsTable } from '../settings/table';

/** Where a value is looked up: a document gives its folder's and its language's value. */
export type SettingsScope = Pick<vscode.TextDocument, 'uri' | 'languageId'> | undefined;

/**
 * Reads and writes the settings in VS Code's configuration. They are asked for on every keystroke, and VS Code makes a deep
 * copy each time, so what was parsed for a folder and language is kept until a setting or the folders change.
 */
export class SettingsStore extends Disposable {
  private readonly changes = this.register(new Emitter<ReadonlySet<SettingKey>>());
  private readonly parsed = new Map<string, Settings>();
  /** Problems already in the log. */
  private readonly reported = new Set<string>();

  /** Fired with the keys that changed for some scope. */
  readonly onChange = this.changes.event;

  constructor(private readonly logger: Logger) {
    super();
    this.register(
      vscode.workspace.onDidChangeConfiguration((event) => {
        this.parsed.clear();
        const changed = settingKeys.filter((key) =>
          event.affectsConfiguration(`${SETTINGS_SECTION}.${key}`),
        );
        if (changed.length > 0) this.changes.fire(new Set(changed));
      }),
    );
    this.register(
      vscode.workspace.onDidChangeWorkspaceFolders(() => {
        this.parsed.clear();
      }),
    );
  }

  read(scope: SettingsScope): Settings {
    const key = scopeKey(scope);
    const kept = this.parsed.get(key);
    if (kept !== undefined) return kept;
    const settings = this.parse(scope);
    this.parsed.set(key, settings);
    return settings;
  }

  /** Writes where the value stands now: the workspace's settings if they have it, else the user's. */
  async write<K extends SettingKey>(key: K, value: Settings[K]): Promise<void> {
    const configuration = vscode.workspace.getConfiguration(SETTINGS_SECTION);
    const inWorkspace = configuration.inspect(key)?.workspaceValue !== undefined;
    const target = inWorkspace
      ? vscode.ConfigurationTarget.Workspace
      : vscode.ConfigurationTarget.Global;
    await configuration.update(key, value, target);
  }

  /** Back to the default, where the value stands now. */
  async reset(key: SettingKey): Promise<void> {
    const configuration = vscode.workspace.getConfiguration(SETTINGS_SECTION);
    const target = this.originOf(key).isFromWorkspace
      ? vscode.ConfigurationTarget.Workspace
      : vscode.ConfigurationTarget.Global;
    await configuration.update(key, undefined, target);
  }

  originOf(key: SettingKey): { isFromWorkspace: boolean; isDefault: boolean } {
    const found = vscode.workspace.getConfiguration(SETTINGS_SECTION).inspect(key);
    const isFromWorkspace = found?.workspaceValue !== undefined;
    return { isFromWorkspace, isDefault: !isFromWorkspace && found?.globalValue === undefined };
  }

  private parse(scope: SettingsScope): Settings {
    const configuration = vscode.workspace.getConfiguration(SETTINGS_SECTION, toScope(scope));
    const { settings, problems } = parseSettings((key) => configuration.get<unknown>(key));
    for (const problem of problems) {
      if (this.reported.has(problem)) continue;
      this.reported.add(problem);
      this.logger.warn(`settings: ${problem}`);
    }
    return settings;
  }
}

export function needsRestart(keys: Iterable<SettingKey>): boolean {
  for (const key of keys) {
    const definition: SettingDefinition = settingsTable[key];
    if (definition.needs === 'runtimeRestart') return true;
  }
  return false;
}

/** Equal for documents that VS Code gives the same values: same folder, same language. */
function scopeKey(scope: SettingsScope): string {
  if (scope === undefined) return '';
  const folder = vscode.workspace.getWorkspaceFolder(scope.uri);
  return `${scope.languageId} ${folder?.uri.toString() ?? scope.uri.scheme}`;
}

function toScope(scope: SettingsScope): vscode.ConfigurationScope | undefined {
  return scope === undefined ? undefined : { uri: scope.uri, languageId: scope.languageId };
}
