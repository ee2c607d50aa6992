import type { ModelTokenizer } from '../../model-runtime/tokenizer/modelTokenizer';
import type { Random } from '../random';

/** Tokens that trials are made of. */
export interface Words {
  /** Every token that stands for text. */
  all: readonly number[];
  /** A space and three to eight small letters: a name in code, in one token. */
  names: readonly number[];
  /** A capital and two to seven small letters: the next word of a name. */
  capitals: readonly number[];
}

const NAME = /^ [a-z]{3,8}$/;
const CAPITAL = /^[A-Z][a-z]{2,7}$/;
/** Fewer would let a model guess. */
const FEWEST_WORDS = 200;

/** Throws an Error for people when the tokenizer has too few words in one token. */
export function findWords(tokenizer: ModelTokenizer, vocabSize: number): Words {
  const all = Array.from({ length: vocabSize }, (_, id) => id).filter((id) => tokenizer.isText(id));
  const matching = (pattern: RegExp) => all.filter((id) => pattern.test(tokenizer.decode([id])));
  const words = { all, names: matching(NAME), capitals: matching(CAPITAL) };
  if (words.names.length < FEWEST_WORDS || words.capitals.length < FEWEST_WORDS) {
    throw new Error('The tokenizer has too few words in one token to make names of.');
  }
  return words;
}

/** Without those that a text has. */
export function wordsOutside({ all, names, capitals }: Words, text: readonly number[]): Words {
  const taken = new Set(text);
  const free = (ids: readonly number[]) => ids.filter((id) => !taken.has(id));
  return { all: free(all), names: free(names), capitals: free(capitals) };
}

/** `count` different items in random order. Source: Fisher and Yates. */
export function draw<T>(random: Random, items: readonly T[], count: number): T[] {
  if (count > items.length) throw new Error(`${count} of ${items.length} cannot be drawn`);
  const left = [...items];
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random() * (left.length - i));
    const [a, b] = [left[i], left[j]];
    if (a === undefined || b === undefined) throw new RangeError('drawn beyond the end');
    left[i] = b;
    left[j] = a;
  }
  return left.slice(0, count);
}

export function pick<T>(random: Random, items: readonly T[]): T {
  const one = items[Math.floor(random() * items.length)];
  if (one === undefined) throw new RangeError('nothing to pick from');
  return one;
}
