import * as v from 'valibot';
import * as vscode from 'vscode';
import { Disposable } from '../common/disposable';
import { Emitter } from '../common/emitter';
import type { Logger } from '../common/logger';
import { parseSettings } from '../settings/parse';
import { withLanguage } from '../settings/languages';
import type {
  ScopeSelection,
  SettingInspection,
  SettingPlace,
  SettingTarget,
} from '../settings/scopes';
import { EVERYWHERE, isStronger, placesSet, placeToWrite, valueAt } from '../settings/scopes';
import type { SettingDefinition, SettingKey, Settings } from '../settings/table';
import { SETTINGS_SECTION, settingKeys, settingsTable } from '../settings/table';

/** A selection and, for the settings of a workspace folder, which folder. */
export interface ResourceSelection extends ScopeSelection {
  folder?: vscode.Uri;
}

const CONFIGURATION_TARGETS: Readonly<Record<SettingTarget, vscode.ConfigurationTarget>> = {
  user: vscode.ConfigurationTarget.Global,
  workspace: vscode.ConfigurationTarget.Workspace,
  folder: vscode.ConfigurationTarget.WorkspaceFolder,
};

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

  /** Writes to the selection's place: without one where the value stands now, else to the user's settings. Rejects when VS Code cannot write. */
  async write<K extends SettingKey>(
    key: K,
    value: Settings[K],
    selection: ResourceSelection = EVERYWHERE,
  ): Promise<void> {
    await this.update(key, value, selection);
  }

  /** Takes the value out of the place that `write` would write to: what is weaker counts again. */
  async reset(key: SettingKey, selection: ResourceSelection = EVERYWHERE): Promise<void> {
    await this.update(key, undefined, selection);
  }

  /** Switches one language; the other switches of that place stay as they are. */
  async switchLanguage(
    id: string,
    isEnabled: boolean,
    selection: ResourceSelection = EVERYWHERE,
  ): Promise<void> {
    const inspection = this.inspect('languages', selection);
    const isNamed = (place: SettingPlace) => Object.hasOwn(switchesAt(inspection, place), id);
    const place =
      selection.target === undefined
        ? placesSet(inspection).find(isNamed)
        : placeToWrite(inspection, selection);
    const { target } = place ?? placeToWrite(inspection, selection);
    const own = switchesAt(inspection, { target, isForLanguage: false });
    const changed = withLanguage(own, id, isEnabled);
    await this.update('languages', changed, { ...selection, target });
  }

  /** The switches by language, weaker places' among them. */
  switchesIn(selection: ResourceSelection): Settings['languages'] {
    const inspection = this.inspect('languages', selection);
    const places = placesSet(inspection).filter(
      ({ target }) => !isStronger(target, selection.target),
    );
    const own = places.reverse().map((place) => switchesAt(inspection, place));
    return Object.assign({}, settingsTable.languages.default, ...own) as Settings['languages'];
  }

  inspect(key: SettingKey, selection: ResourceSelection): SettingInspection {
    return configurationFor(selection).inspect(key) ?? {};
  }

  private async update(
    key: SettingKey,
    value: unknown,
    selection: ResourceSelection,
  ): Promise<void> {
    const place = placeToWrite(this.inspect(key, selection), selection);
    const target = CONFIGURATION_TARGETS[place.target];
    await configurationFor(selection).update(key, value, target, place.isForLanguage);
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

function configurationFor({ language, folder }: ResourceSelection): vscode.WorkspaceConfiguration {
  const scope: vscode.ConfigurationScope | undefined =
    language === undefined
      ? folder
      : { languageId: language, ...(folder === undefined ? {} : { uri: folder }) };
  return vscode.workspace.getConfiguration(SETTINGS_SECTION, scope);
}

/** A place's own switches, without those of weaker places; what is none there counts as none. */
function switchesAt(inspection: SettingInspection, place: SettingPlace): Settings['languages'] {
  const parsed = v.safeParse(v.record(v.string(), v.boolean()), valueAt(inspection, place));
  return parsed.success ? parsed.output : {};
}
