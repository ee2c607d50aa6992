/** What a place in a program text is, as far as the text itself shows it. */
export type Syntax = 'code' | 'comment' | 'string';

interface LanguageSyntax {
  lineComments: readonly string[];
  blockComments: readonly (readonly [open: string, close: string])[];
  /** Delimiters of strings that end with their line. */
  strings: readonly string[];
  /** Delimiters of strings that may have several lines. */
  longStrings: readonly string[];
}

const C_COMMENTS = { lineComments: ['//'], blockComments: [['/*', '*/']] } as const;
const QUOTES = ['"', "'"];
const C_LIKE: LanguageSyntax = { ...C_COMMENTS, strings: QUOTES, longStrings: [] };
const SCRIPT: LanguageSyntax = { ...C_COMMENTS, strings: QUOTES, longStrings: ['`'] };
/** A single quote begins a lifetime or a type variable there, or a character. */
const DOUBLE_QUOTED: LanguageSyntax = { ...C_COMMENTS, strings: ['"'], longStrings: [] };
const HASH: LanguageSyntax = {
  lineComments: ['#'],
  blockComments: [],
  strings: QUOTES,
  longStrings: [],
};
const PYTHON: LanguageSyntax = { ...HASH, longStrings: ['"""', "'''"] };
const MARKUP: LanguageSyntax = {
  lineComments: [],
  blockComments: [['<!--', '-->']],
  strings: [],
  longStrings: [],
};

const LANGUAGES: Readonly<Record<string, LanguageSyntax>> = {
  c: C_LIKE,
  cpp: C_LIKE,
  csharp: C_LIKE,
  'cuda-cpp': C_LIKE,
  dart: C_LIKE,
  java: { ...C_LIKE, longStrings: ['"""'] },
  'objective-c': C_LIKE,
  jsonc: C_LIKE,
  php: { ...C_LIKE, lineComments: ['//', '#'] },
  css: { ...C_LIKE, lineComments: [] },
  scss: C_LIKE,
  less: C_LIKE,
  javascript: SCRIPT,
  javascriptreact: SCRIPT,
  typescript: SCRIPT,
  typescriptreact: SCRIPT,
  go: { ...C_COMMENTS, strings: ['"'], longStrings: ['`'] },
  rust: DOUBLE_QUOTED,
  kotlin: { ...DOUBLE_QUOTED, longStrings: ['"""'] },
  scala: { ...DOUBLE_QUOTED, longStrings: ['"""'] },
  swift: { ...DOUBLE_QUOTED, longStrings: ['"""'] },
  python: PYTHON,
  ruby: HASH,
  shellscript: HASH,
  perl: HASH,
  r: HASH,
  yaml: HASH,
  toml: PYTHON,
  makefile: { ...HASH, strings: [] },
  dockerfile: { ...HASH, strings: [] },
  julia: { ...HASH, strings: ['"'], longStrings: ['"""'], blockComments: [['#=', '=#']] },
  elixir: { ...HASH, longStrings: ['"""'] },
  powershell: { ...HASH, blockComments: [['<#', '#>']] },
  coffeescript: HASH,
  lua: { ...HASH, lineComments: ['--'], blockComments: [['--[[', ']]']] },
  sql: { lineComments: ['--'], blockComments: [['/*', '*/']], strings: ["'"], longStrings: [] },
  haskell: { lineComments: ['--'], blockComments: [['{-', '-}']], strings: ['"'], longStrings: [] },
  clojure: { lineComments: [';'], blockComments: [], strings: [], longStrings: ['"'] },
  latex: { lineComments: ['%'], blockComments: [], strings: [], longStrings: [] },
  html: MARKUP,
  xml: MARKUP,
  markdown: MARKUP,
};

const COMMENT_ENDS = new Set(
  Object.values(LANGUAGES).flatMap(({ blockComments }) => blockComments.map(([, close]) => close)),
);

/** Whether `text` is what ends a comment and nothing else: editors put it behind the cursor when a comment is begun. */
export function isCommentEnd(text: string): boolean {
  return COMMENT_ENDS.has(text.trim());
}

/**
 * What stands at the end of `text`, which begins at the start of some line. A comment or string that began before `text` is
 * not seen. Languages that are not known here are all code.
 */
export function syntaxAt(text: string, languageId: string): Syntax {
  const syntax = LANGUAGES[languageId];
  if (syntax === undefined) return 'code';
  let at = 0;
  while (at < text.length) {
    const next = nextConstruct(text, at, syntax);
    if (next === undefined) {
      at++;
      continue;
    }
    if (next.end === undefined) return next.kind;
    at = next.end;
  }
  return 'code';
}

interface Construct {
  kind: 'comment' | 'string';
  /** Just behind it; absent when it does not end in the text. */
  end: number | undefined;
}

/** The comment or string that begins exactly at `at`. */
function nextConstruct(text: string, at: number, syntax: LanguageSyntax): Construct | undefined {
  for (const [open, close] of syntax.blockComments) {
    if (text.startsWith(open, at)) {
      return { kind: 'comment', end: behind(text, close, at + open.length) };
    }
  }
  if (syntax.lineComments.some((marker) => text.startsWith(marker, at))) {
    return { kind: 'comment', end: behind(text, '\n', at) };
  }
  for (const delimiter of syntax.longStrings) {
    if (text.startsWith(delimiter, at)) {
      return { kind: 'string', end: stringEnd(text, at, delimiter, true) };
    }
  }
  for (const delimiter of syntax.strings) {
    if (text.startsWith(delimiter, at)) {
      return { kind: 'string', end: stringEnd(text, at, delimiter, false) };
    }
  }
  return undefined;
}

function behind(text: string, mark: string, from: number): number | undefined {
  const at = text.indexOf(mark, from);
  return at < 0 ? undefined : at + mark.length;
}

/** A string that does not end with its line is taken for closed there: it is wrong, and the next line is not in it. */
function stringEnd(
  text: string,
  start: number,
  delimiter: string,
  isLong: boolean,
): number | undefined {
  for (let at = start + delimiter.length; at < text.length; at++) {
    if (text.startsWith(delimiter, at)) return at + delimiter.length;
    if (text[at] === '\\') at++;
    else if (text[at] === '\n' && !isLong) return at;
  }
  return undefined;
}
