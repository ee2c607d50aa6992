const OPENER_OF: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };
const OPENERS = new Set(Object.values(OPENER_OF));
const QUOTES = ['"', "'", '`'];

/** The closing brackets of `text` whose opening partner is not in it, in order. Brackets in strings count too. */
export function unmatchedClosers(text: string): string {
  const open: string[] = [];
  let unmatched = '';
  for (const character of text) {
    const opener = OPENER_OF[character];
    if (OPENERS.has(character)) open.push(character);
    else if (opener !== undefined) {
      if (open.at(-1) === opener) open.pop();
      else unmatched += character;
    }
  }
  return unmatched;
}

/** Whether `text` ends a string that began before it: it has an odd number of that quote. */
export function closesQuote(text: string, quote: string): boolean {
  return text.split(quote).length % 2 === 0;
}

export function isQuote(character: string): boolean {
  return QUOTES.includes(character);
}

export function isCloser(character: string): boolean {
  return Object.hasOwn(OPENER_OF, character);
}

export function isOpener(character: string): boolean {
  return OPENERS.has(character);
}

/** The opening partner of a closing bracket. */
export function openerOf(closer: string): string | undefined {
  return OPENER_OF[closer];
}
