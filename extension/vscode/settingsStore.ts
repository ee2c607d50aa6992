import * as vscode from 'vscode';
import { Disposable } from '../common/disposable';
import { Emitter } from '../common/emitter';
import type { Logger } from '../common/logger';
import { parseSettings } from '../settings/parse';
import type { SettingDefinition, SettingKey, Settings } from '../settings/table';
import { SETTINGS_SECTION, settingKeys, settingsTable } from '../settings/table';

/** Where a value is looked up: a document gives its folder's and its language's value. */
export type SettingsScope = Pick<vscode.TextDocument, 'uri' | 'languageId'> | undefined;

/** Reads and writes the settings in VS Code's configuration. Nothing is kept between two reads. */
export class SettingsStore extends Disposable {
  private readonly changes = this.register(new Emitter<ReadonlySet<SettingKey>>());
  /** Problems already in the log: settings are read on every keystroke. */
  private readonly reported = new Set<string>();

  /** Fired with the keys that changed for some scope. */
  readonly onChange = this.changes.event;

  constructor(private readonly logger: Logger) {
    super();
    this.register(
      vscode.workspace.onDidChangeConfiguration((event) => {
        const changed = settingKeys.filter((key) =>
          event.affectsConfiguration(`${SETTINGS_SECTION}.${key}`),
        );
        if (changed.length > 0) this.changes.fire(new Set(changed));
      }),
    );
  }

  read(scope: SettingsScope): Settings {
    const configuration = vscode.workspace.getConfiguration(SETTINGS_SECTION, toScope(scope));
    const { settings, problems } = parseSettings((key) => configuration.get<unknown>(key));
    for (const problem of problems) {
      if (this.reported.has(problem)) continue;
      this.reported.add(problem);
      this.logger.warn(`settings: ${problem}`);
    }
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
}

export function needsRestart(keys: Iterable<SettingKey>): boolean {
  for (const key of keys) {
    const definition: SettingDefinition = settingsTable[key];
    if (definition.needs === 'runtimeRestart') return true;
  }
  return false;
}

function toScope(scope: SettingsScope): vscode.ConfigurationScope | undefined {
  return scope === undefined ? undefined : { uri: scope.uri, languageId: scope.languageId };
}
