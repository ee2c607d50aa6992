/** The settings files of VS Code, from the weakest to the strongest. */
const TARGETS = ['user', 'workspace', 'folder'] as const;

export type SettingTarget = (typeof TARGETS)[number];

/** One place where a setting can be set: a settings file, and in it the part for all languages or that for one. */
export interface SettingPlace {
  target: SettingTarget;
  isForLanguage: boolean;
}

/** What settings are looked at and changed for. */
export interface ScopeSelection {
  /** `undefined`: each setting where it is set, the strongest place first. */
  target: SettingTarget | undefined;
  /** `undefined`: for all languages. */
  language: string | undefined;
}

/** What VS Code's `inspect` says of a setting; the values for a language only when it was asked for one. */
export interface SettingInspection {
  defaultValue?: unknown;
  globalValue?: unknown;
  workspaceValue?: unknown;
  workspaceFolderValue?: unknown;
  defaultLanguageValue?: unknown;
  globalLanguageValue?: unknown;
  workspaceLanguageValue?: unknown;
  workspaceFolderLanguageValue?: unknown;
  /** Languages for which it is set anywhere. */
  languageIds?: string[];
}

export const EVERYWHERE: ScopeSelection = { target: undefined, language: undefined };

/** Strongest first: what is set for a language counts before what is set for all, whatever the file. */
const PLACES: readonly SettingPlace[] = [true, false].flatMap((isForLanguage) =>
  [...TARGETS].reverse().map((target) => ({ target, isForLanguage })),
);

/** `undefined` where it is not set. */
export function valueAt(
  inspection: SettingInspection,
  { target, isForLanguage }: SettingPlace,
): unknown {
  switch (target) {
    case 'user':
      return isForLanguage ? inspection.globalLanguageValue : inspection.globalValue;
    case 'workspace':
      return isForLanguage ? inspection.workspaceLanguageValue : inspection.workspaceValue;
    case 'folder':
      return isForLanguage
        ? inspection.workspaceFolderLanguageValue
        : inspection.workspaceFolderValue;
  }
}

/** Where it is set, strongest first. */
export function placesSet(inspection: SettingInspection): SettingPlace[] {
  return PLACES.filter((place) => valueAt(inspection, place) !== undefined);
}

/** Where a change is written: the place that was chosen, else the strongest where it is set, else the user's settings. */
export function placeToWrite(
  inspection: SettingInspection,
  { target, language }: ScopeSelection,
): SettingPlace {
  const isForLanguage = language !== undefined;
  if (target !== undefined) return { target, isForLanguage };
  return (
    placesSet(inspection).find((place) => place.isForLanguage === isForLanguage) ?? {
      target: 'user',
      isForLanguage,
    }
  );
}

/** The value that counts in the chosen file, as if there were no stronger one; `undefined` stands for the default. */
export function valueIn(inspection: SettingInspection, { target }: ScopeSelection): unknown {
  const place = placesSet(inspection).find((each) => !isStronger(each.target, target));
  if (place?.isForLanguage !== true && inspection.defaultLanguageValue !== undefined) {
    return inspection.defaultLanguageValue;
  }
  return place === undefined ? inspection.defaultValue : valueAt(inspection, place);
}

/** The places whose value counts before that of `place`. */
export function strongerPlaces(inspection: SettingInspection, place: SettingPlace): SettingPlace[] {
  const own = PLACES.findIndex((each) => isSamePlace(each, place));
  return placesSet(inspection).filter(
    (each) => PLACES.findIndex((p) => isSamePlace(p, each)) < own,
  );
}

export function isSamePlace(a: SettingPlace, b: SettingPlace): boolean {
  return a.target === b.target && a.isForLanguage === b.isForLanguage;
}

/** Whether a file's values count before those of the chosen one; none does where none was chosen. */
export function isStronger(target: SettingTarget, than: SettingTarget | undefined): boolean {
  return than !== undefined && TARGETS.indexOf(target) > TARGETS.indexOf(than);
}
