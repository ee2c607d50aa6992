import type { ModelTokenizer } from '../../model-runtime/tokenizer/modelTokenizer';
import type { Random } from '../random';
import { joinParts, plain, type Part, type Trial } from './trial';
import { draw, pick, type Words } from './words';

/** `tokens`: as in the papers, random tokens. `code`: the same question as lines of code, for models that learned no such task. */
export type Form = 'tokens' | 'code';

export interface TaskText {
  tokenizer: ModelTokenizer;
  words: Words;
}

/** Tokens of the sequence that comes again. */
const SEQUENCE = 16;
/** Words that are to be copied. */
const COPIED = 8;
/** No more than this many of the pairs are asked for. */
const MOST_QUERIES = 16;

/**
 * Induction heads (arXiv 2212.14052 and 2312.00752, 3.2): a random sequence comes twice. Its first token tells the model where it is; the
 * others are asked for, both times.
 */
export function inductionTrial(form: Form, text: TaskText, random: Random): Trial {
  const { words, tokenizer } = text;
  if (form === 'tokens') {
    const part = asked(draw(random, words.all, SEQUENCE));
    return { first: part, second: part, drawnFrom: words.all.length };
  }
  // A call with names that nobody would guess: `  name = name(name, name, ...)`.
  const [target = 0, callee = 0, ...rest] = draw(random, words.names, SEQUENCE / 2);
  const comma = [...tokenizer.encode(',')];
  const line = [
    ...tokenizer.encode('\n '),
    target,
    ...tokenizer.encode(' ='),
    callee,
    ...tokenizer.encode('('),
    ...rest.flatMap((name, i) => (i === 0 ? [name] : [...comma, name])),
    ...tokenizer.encode(');\n'),
  ];
  const names = new Set([callee, ...rest]);
  const questions = line.flatMap((token, at) => (names.has(token) ? [{ at }] : []));
  const part = { tokens: line, questions };
  return { first: part, second: part, drawnFrom: words.names.length };
}

/**
 * Multi-query associative recall (arXiv 2312.04927): pairs of a key and a value, then keys in another order; each value is asked for
 * among all values. `code` writes them as assignments.
 */
export function recallTrial(form: Form, pairs: number, text: TaskText, random: Random): Trial {
  const { words, tokenizer } = text;
  const ids = draw(random, form === 'tokens' ? words.all : words.names, 2 * pairs);
  const keys = ids.slice(0, pairs);
  const values = ids.slice(pairs);
  const [start, between] =
    form === 'tokens' ? [[], []] : [[...tokenizer.encode('\n')], [...tokenizer.encode(' =')]];
  const pair = (i: number): Part => {
    const tokens = [...start, keys[i] ?? 0, ...between, values[i] ?? 0];
    return { tokens, questions: [{ at: tokens.length - 1, choices: values }] };
  };
  const order = Array.from({ length: pairs }, (_, i) => i);
  const queried = draw(random, order, Math.min(pairs, MOST_QUERIES));
  const end = form === 'tokens' ? [] : [plain(tokenizer.encode('\n'))];
  return {
    first: joinParts([...order.map((i) => plain(pair(i).tokens)), ...end]),
    second: joinParts(queried.map(pair)),
    drawnFrom: pairs,
  };
}

/**
 * Selective copying (arXiv 2312.00752, 3.1): words stand at random places within other text; then all are to be said in their order.
 * Each is asked for among all of them, with the right ones before it given.
 */
export function copyingTrial(
  form: Form,
  other: readonly number[],
  text: TaskText,
  random: Random,
): Trial {
  const { words, tokenizer } = text;
  const distance = other.length;
  const isCode = form === 'code';
  const chosen = draw(random, isCode ? words.names : words.all, COPIED);
  const encode = (code: string) => (isCode ? [...tokenizer.encode(code)] : []);
  // The papers' noise is one token that never has to be said.
  const noise = isCode
    ? other
    : new Array<number>(distance).fill(
        pick(
          random,
          words.all.filter((id) => !chosen.includes(id)),
        ),
      );
  const places = draw(
    random,
    Array.from({ length: distance + 1 }, (_, i) => i),
    COPIED,
  );
  places.sort((a, b) => a - b);
  const scattered = places.flatMap((place, i) => [
    ...noise.slice(places[i - 1] ?? 0, place),
    ...encode('\n items +='),
    chosen[i] ?? 0,
    ...encode('\n'),
  ]);
  const rest = noise.slice(places.at(-1) ?? 0);
  const first = plain([...scattered, ...rest]);
  const [marker = 0] = draw(random, words.all, 1);
  const list = chosen.map((word, i): Part => {
    const tokens = [...(i === 0 ? [] : encode(',')), word];
    return { tokens, questions: [{ at: tokens.length - 1, choices: chosen }] };
  });
  const opening = plain(isCode ? encode('\n items = [') : [marker]);
  return { first, second: joinParts([opening, ...list]), drawnFrom: COPIED };
}

/**
 * A definition and its use: `function` with a name of three words, and a call of which the first word is typed. The others are asked
 * for, at the use and, to compare, at the definition.
 */
export function definitionTrial(text: TaskText, random: Random): Trial {
  const { words, tokenizer } = text;
  const name = [pick(random, words.names), ...draw(random, words.capitals, 2)];
  const line = (before: string, after: string): Part => {
    const start = [...tokenizer.encode(before)];
    return {
      tokens: [...start, ...name, ...tokenizer.encode(after)],
      questions: name.slice(1).map((_, i) => ({ at: start.length + 1 + i })),
    };
  };
  return {
    first: line('\nexport function', '(options: Options): void {\n'),
    second: line('\n  return', '('),
    drawnFrom: words.capitals.length,
  };
}

function asked(tokens: readonly number[]): Part {
  return { tokens, questions: tokens.slice(1).map((_, i) => ({ at: i + 1 })) };
}
