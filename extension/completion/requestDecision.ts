import type { CompletionShape } from '../../model-runtime/protocol/messages';
import { isLanguageEnabled } from '../settings/languages';
import type { Settings } from '../settings/table';
import { localContext } from './localContext';
import { holdsSecrets } from './secretFiles';
import { isCommentEnd, syntaxAt } from './syntaxAt';
import type { TextPosition, TextSource } from './textSource';
import { lineAround, splitsSurrogatePair } from './textSource';

export type SkipReason =
  | 'disabled'
  | 'languageDisabled'
  | 'manualTrigger'
  | 'secretFile'
  | 'excludedFile'
  | 'binaryText'
  | 'insideCharacter'
  | 'insideWord'
  | 'shortPrefix'
  | 'insideComment'
  | 'insideString'
  | 'textAfterCursor';

export type RequestDecision =
  { kind: 'request'; shape: CompletionShape } | { kind: 'skipped'; reason: SkipReason };

export interface RequestSituation {
  source: TextSource;
  position: TextPosition;
  /** Path or name, for files that are never read. */
  path: string;
  /** The file is one that the user's settings keep from being read. */
  isExcluded?: boolean;
  /** The user asked by command: then only what forbids a completion counts, not what makes one unlikely. */
  isExplicit: boolean;
  settings: Pick<
    Settings,
    'enable' | 'languages' | 'trigger' | 'multiline' | 'minimumPrefix' | 'inComments' | 'inStrings'
  >;
}

/** Characters on each side of the cursor that are looked at for signs of a binary file. */
const BINARY_WINDOW = 200;
/** More control characters than this share of the text, or one NUL: not text. */
const CONTROL_SHARE = 0.1;

/** What may stand between the cursor and the end of its line for a completion to be useful there. */
const ONLY_CLOSERS = /^\s*[)>}\]"'`]*\s*[:{;,]?\s*$/;

/** Languages where a colon at the end of a line begins a block. */
const COLON_LANGUAGES = new Set(['python', 'yaml', 'nim', 'gdscript', 'makefile', 'cython']);

/** Whether to ask the model at this place, and for how much. Reads the cursor's line and the one above. */
export function decideRequest(situation: RequestSituation): RequestDecision {
  const forbidden = forbids(situation);
  if (forbidden !== undefined) return { kind: 'skipped', reason: forbidden };
  const { before, after } = lineAround(situation.source, situation.position);
  if (!situation.isExplicit) {
    const unlikely = discourages(situation, before, after);
    if (unlikely !== undefined) return { kind: 'skipped', reason: unlikely };
  }
  return { kind: 'request', shape: shapeAt(situation, before, after) };
}

/** Whether a document may be read at all, at whatever place. */
export function isDocumentAllowed(
  source: Pick<TextSource, 'languageId'>,
  path: string,
  settings: Pick<Settings, 'enable' | 'languages'>,
): SkipReason | undefined {
  if (!settings.enable) return 'disabled';
  if (!isLanguageEnabled(settings.languages, source.languageId)) return 'languageDisabled';
  if (holdsSecrets(path)) return 'secretFile';
  return undefined;
}

function forbids(situation: RequestSituation): SkipReason | undefined {
  const { source, position, path, settings } = situation;
  const notAllowed = isDocumentAllowed(source, path, settings);
  if (notAllowed !== undefined) return notAllowed;
  if (situation.isExcluded) return 'excludedFile';
  const line = source.lineAt(position.line);
  if (splitsSurrogatePair(line, position.character)) return 'insideCharacter';
  const nearby = line.slice(
    Math.max(0, position.character - BINARY_WINDOW),
    position.character + BINARY_WINDOW,
  );
  if (looksBinary(nearby)) return 'binaryText';
  return undefined;
}

function discourages(
  situation: RequestSituation,
  before: string,
  after: string,
): SkipReason | undefined {
  const { trigger, minimumPrefix } = situation.settings;
  if (trigger === 'manual') return 'manualTrigger';
  // A giant line has enough characters in its last ones.
  if (minimumPrefix > 0 && before.slice(-BINARY_WINDOW).replace(/\s/g, '').length < minimumPrefix) {
    return 'shortPrefix';
  }
  if (/^[\p{L}\p{N}_$]/u.test(after)) return 'insideWord';
  // A giant line is not searched: what follows the cursor there is more than closing brackets.
  const rest = after.slice(0, BINARY_WINDOW);
  if (!ONLY_CLOSERS.test(rest) && !isCommentEnd(rest)) return 'textAfterCursor';
  return unwantedSyntax(situation);
}

/** Looks at the lines above only when a setting asks for it. */
function unwantedSyntax({ source, position, settings }: RequestSituation): SkipReason | undefined {
  if (settings.inComments && settings.inStrings) return undefined;
  const syntax = syntaxAt(localContext(source, position).prefix, source.languageId);
  if (syntax === 'comment' && !settings.inComments) return 'insideComment';
  if (syntax === 'string' && !settings.inStrings) return 'insideString';
  return undefined;
}

function looksBinary(text: string): boolean {
  let controls = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0) return true;
    if (code === 0xfffd || (code < 32 && code !== 9 && code !== 10 && code !== 12 && code !== 13)) {
      controls++;
    }
  }
  return controls > text.length * CONTROL_SHARE;
}

function shapeAt(situation: RequestSituation, before: string, after: string): CompletionShape {
  const { source, position, settings } = situation;
  if (settings.multiline === 'never' || after.trim() !== '') return 'line';
  if (settings.multiline === 'always' || before.trim() === '') return 'block';
  const above = position.line > 0 ? source.lineAt(position.line - 1) : '';
  const isBlockStart =
    opensBlock(before, source.languageId) || opensBlock(above, source.languageId);
  return isBlockStart ? 'block' : 'line';
}

/** Languages where a line that begins or ends with certain words begins a block. */
const WORD_OPENERS: Readonly<Record<string, RegExp>> = {
  ruby: /^\s*(?:def|class|module|if|unless|while|until|case|begin)\b|\bdo(?:\s*\|[^|]*\|)?$|^\s*else$/,
  lua: /\b(?:then|do|else)$|\bfunction\b[^)]*\)$/,
  shellscript: /(?:^|[\s;])(?:then|do|else)$/,
  elixir: /\b(?:do|else)$|->$/,
  julia: /^\s*(?:function|if|for|while|struct|module|let)\b|\bdo$/,
};

function opensBlock(line: string, languageId: string): boolean {
  // Only the end is looked at; a giant line is not trimmed whole.
  const end = line.slice(-BINARY_WINDOW).trimEnd();
  if (/(?:[{([]|=>)$/.test(end)) return true;
  if (WORD_OPENERS[languageId]?.test(end)) return true;
  if (!end.endsWith(':')) return false;
  return COLON_LANGUAGES.has(languageId) || /^\s*(?:case\b.*|default\s*):$/.test(end);
}
