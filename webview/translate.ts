import { parsePanelStrings } from './protocol';

/** Gives a text of the page in the editor's language. */
export type Translate = (english: string) => string;

/** From the texts that the page carries in `data-strings` of its root. */
export function createTranslate(root: HTMLElement): Translate {
  const strings = parsePanelStrings(JSON.parse(root.dataset.strings ?? '{}'));
  return (english) => strings[english] ?? english;
}
