import type { Settings } from './table';

/** Whether completions are on for a language; its own switch counts before that of `*`. */
export function isLanguageEnabled(languages: Settings['languages'], languageId: string): boolean {
  return own(languages, languageId) ?? own(languages, '*') ?? true;
}

/** The switches with one of them set; the others stay as they are. */
export function withLanguage(
  languages: Settings['languages'],
  languageId: string,
  isEnabled: boolean,
): Record<string, boolean> {
  return { ...languages, [languageId]: isEnabled };
}

function own(languages: Settings['languages'], key: string): boolean | undefined {
  return Object.hasOwn(languages, key) ? languages[key] : undefined;
}
