import * as vscode from 'vscode';
import type { Offer, PanelScope } from '../../webview/protocol';
import type { SettingInspection, SettingPlace } from '../settings/scopes';
import {
  EVERYWHERE,
  isSamePlace,
  placesSet,
  placeToWrite,
  strongerPlaces,
  valueAt,
  valueIn,
} from '../settings/scopes';
import { parseSetting } from '../settings/parse';
import type { SettingDefinition, SettingKey, Settings } from '../settings/table';
import { settingKeys, settingsTable } from '../settings/table';
import type { ScopedValue } from './panelFields';
import type { ResourceSelection, SettingsStore } from './settingsStore';

/** Each setting where it is set: what the panel stands for at first. */
const WHERE_SET: PanelScope = { target: 'set', language: '' };

/** What the panel's choice of a scope shows. */
export interface ScopeView {
  scope: PanelScope;
  /** The page's choice that this is the answer to. */
  choice: number;
  targets: Offer[];
  scopeLanguages: Offer[];
}

/** The settings file and the language that the panel's controls stand for. */
export class SettingScope {
  private scope = WHERE_SET;
  private choice = 0;

  constructor(private readonly settings: SettingsStore) {}

  /** A place that is not offered, as a folder that is gone, is each setting's own. */
  choose({ target, language }: PanelScope = this.scope, choice: number): void {
    this.choice = choice;
    const isOffered = this.targets().some(({ value }) => value === target);
    this.scope = { target: isOffered ? target : WHERE_SET.target, language };
  }

  get selection(): ResourceSelection {
    const { target, language: id } = this.scope;
    const language = id === '' ? undefined : id;
    if (target === 'set') return { ...EVERYWHERE, language };
    if (target === 'user' || target === 'workspace') return { target, language };
    return { target: 'folder', folder: vscode.Uri.parse(target), language };
  }

  /** The settings that can be set in the scope, in the table's order. */
  get keys(): readonly SettingKey[] {
    const { target, language } = this.selection;
    const isAny = target !== 'folder' && language === undefined;
    return isAny ? settingKeys : settingKeys.filter(isOverridable);
  }

  view(openLanguages: readonly string[]): ScopeView {
    const { scope, choice } = this;
    const overridden = settingKeys
      .filter(isOverridable)
      .flatMap((key) => this.settings.inspect(key, EVERYWHERE).languageIds ?? []);
    const chosen = scope.language === '' ? [] : [scope.language];
    const ids = [...new Set([...chosen, ...openLanguages, ...overridden])].sort();
    return {
      scope,
      choice,
      targets: this.targets(),
      scopeLanguages: [
        { value: '', label: vscode.l10n.t('All languages') },
        ...ids.map((id) => ({ value: id, label: id })),
      ],
    };
  }

  valueOf(key: SettingKey): ScopedValue {
    const { selection } = this;
    const inspection = this.settings.inspect(key, selection);
    const { value } = parseSetting(settingsTable[key], valueIn(inspection, selection));
    const place = placeToWrite(inspection, selection);
    return {
      // `parseSetting` gives a value of the setting's type.
      value: value as Settings[SettingKey],
      origin: this.origin(inspection, place),
      isSetHere: valueAt(inspection, place) !== undefined,
    };
  }

  /** The switches by language as the chosen file leaves them; `undefined` where they cannot be set. */
  switches(): Settings['languages'] | undefined {
    if (!this.keys.includes('languages')) return undefined;
    return this.settings.switchesIn(this.selection);
  }

  private targets(): Offer[] {
    const { t } = vscode.l10n;
    const { workspaceFolders = [], workspaceFile } = vscode.workspace;
    const hasWorkspace = workspaceFolders.length > 0 || workspaceFile !== undefined;
    // A single folder's settings are the workspace's.
    const folders = workspaceFile === undefined ? [] : workspaceFolders;
    return [
      { value: 'set', label: t('Where each is set') },
      { value: 'user', label: t('User') },
      ...(hasWorkspace ? [{ value: 'workspace', label: t('Workspace') }] : []),
      ...folders.map(({ uri, name }) => ({ value: uri.toString(), label: name })),
    ];
  }

  /** Names the places besides the chosen one where it is set too; without a chosen one, all of them. */
  private origin(inspection: SettingInspection, place: SettingPlace): string {
    const { t } = vscode.l10n;
    const { target, language, folder } = this.selection;
    const nameOf = (each: SettingPlace) => {
      const name = targetName(each, folder);
      return each.isForLanguage ? `${name} [${language ?? ''}]` : name;
    };
    const namesOf = (places: SettingPlace[]) => places.map(nameOf).join(', ');
    const set = placesSet(inspection);
    const texts: string[] = [];
    if (target === undefined) {
      if (set.length > 0) texts.push(t('Set in: {0}.', namesOf(set)));
    } else {
      const stronger = strongerPlaces(inspection, place);
      const weaker = set.filter((each) => !stronger.includes(each) && !isSamePlace(each, place));
      if (stronger.length > 0)
        texts.push(t('What is set in {0} counts instead.', namesOf(stronger)));
      if (weaker.length > 0) texts.push(t('Also set in: {0}.', namesOf(weaker)));
    }
    const languages = language === undefined ? (inspection.languageIds ?? []) : [];
    if (languages.length > 0) texts.push(t('Set otherwise for: {0}.', languages.join(', ')));
    return texts.join(' ');
  }
}

function isOverridable(key: SettingKey): boolean {
  const definition: SettingDefinition = settingsTable[key];
  return definition.scope === 'language-overridable';
}

function targetName({ target }: SettingPlace, folder: vscode.Uri | undefined): string {
  switch (target) {
    case 'user':
      return vscode.l10n.t('User');
    case 'workspace':
      return vscode.l10n.t('Workspace');
    case 'folder': {
      const found = folder === undefined ? undefined : vscode.workspace.getWorkspaceFolder(folder);
      return found?.name ?? '';
    }
  }
}
