import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../scripts/random';
import { shareOf, wilson } from '../../../scripts/recall/statistics';
import {
  copyingTrial,
  definitionTrial,
  inductionTrial,
  recallTrial,
} from '../../../scripts/recall/tasks';
import type { Part, Trial } from '../../../scripts/recall/trial';
import { findWords, wordsOutside } from '../../../scripts/recall/words';
import { shippedTokenizer, VOCAB_SIZE } from '../../support/model';

const tokenizer = shippedTokenizer();
const words = findWords(tokenizer, VOCAB_SIZE);
const text = { tokenizer, words };
const FORMS = ['tokens', 'code'] as const;

const answers = ({ tokens, questions }: Part) => questions.map(({ at }) => tokens[at]);
const spelled = ({ tokens }: Part) => tokenizer.decode([...tokens]);

function expectAnswerable(trial: Trial): void {
  for (const { at, choices } of trial.second.questions) {
    expect(at).toBeGreaterThan(0);
    const right = trial.second.tokens[at];
    expect(trial.first.tokens).toContain(right);
    if (choices) expect(choices.filter((choice) => choice === right)).toHaveLength(1);
  }
}

describe.each(FORMS)('trials as %s', (form) => {
  it('are the same for the same seed and others for another', () => {
    const trial = (seed: number) => recallTrial(form, 16, text, createRandom(seed));
    expect(trial(1)).toEqual(trial(1));
    expect(trial(1)).not.toEqual(trial(2));
  });

  it('of induction say one sequence twice', () => {
    const trial = inductionTrial(form, text, createRandom(3));
    expect(trial.second).toEqual(trial.first);
    expect(answers(trial.second).length).toBeGreaterThan(5);
    expectAnswerable(trial);
  });

  it('of recall ask for the value of each key', () => {
    const trial = recallTrial(form, 16, text, createRandom(4));
    expectAnswerable(trial);
    const { tokens, questions } = trial.second;
    // Key and value, with ` =` between them in code.
    const length = form === 'tokens' ? 2 : 3;
    for (const { at } of questions) {
      const pair = tokens.slice(at - length + 1, at + 1);
      const where = trial.first.tokens.indexOf(pair[0] ?? -1);
      expect(trial.first.tokens.slice(where, where + length)).toEqual(pair);
    }
    expect(new Set(answers(trial.second)).size).toBe(questions.length);
  });

  it('of copying ask for the words in the order in which they were scattered', () => {
    const random = createRandom(5);
    const other = Array.from({ length: 200 }, (_, i) => words.all[i] ?? 0);
    const own = { tokenizer, words: wordsOutside(words, other) };
    const trial = copyingTrial(form, other, own, random);
    expectAnswerable(trial);
    const places = answers(trial.second).map((word) => trial.first.tokens.indexOf(word));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).toHaveLength(8);
  });
});

it('of a definition ask for the rest of its name at the call', () => {
  const trial = definitionTrial(text, createRandom(6));
  const name = /function (\w+)\(/.exec(spelled(trial.first))?.[1] ?? '';
  expect(name).toMatch(/^[a-z]+([A-Z][a-z]+){2}$/);
  expect(spelled(trial.second)).toBe(`\n  return ${name}(`);
  expect(answers(trial.second)).toHaveLength(2);
  expectAnswerable(trial);
});

describe('a share’s interval', () => {
  it('is Wilson’s', () => {
    // 8 of 10: https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval, by the formula.
    const { low, high } = wilson(0.8, 10);
    expect(low).toBeCloseTo(0.4902, 4);
    expect(high).toBeCloseTo(0.9433, 4);
  });

  it('is wider where the answers of a trial go together', () => {
    const apart = shareOf([
      [true, false],
      [false, true],
      [true, false],
      [false, true],
    ]);
    const together = shareOf([
      [true, true],
      [false, false],
      [true, true],
      [false, false],
    ]);
    expect(apart.share).toBe(0.5);
    expect(together.share).toBe(0.5);
    expect(together.high - together.low).toBeGreaterThan(apart.high - apart.low);
  });
});
