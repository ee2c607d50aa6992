import { describe, expect, it } from 'vitest';
import {
  afterTyping,
  expectedAcceptance,
  keepSureLines,
  leastLogProbability,
  type ModelText,
} from '../../../../extension/completion/confidence';

/** From pieces and their log-probabilities; a piece `■` is the special token that ended the text. */
function said(...pieces: [string, number][]): ModelText {
  let text = '';
  const tokens = pieces.map(([piece, logProbability]) => {
    if (piece !== '■') text += piece;
    return { end: text.length, logProbability };
  });
  return { text, tokens, isFinished: true, startsLine: false };
}

describe('expectedAcceptance', () => {
  it('is a share that grows with the probability', () => {
    const shares = [-30, -5, -2, -0.5, 0].map(expectedAcceptance);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(Math.min(...shares)).toBeGreaterThan(0);
    expect(Math.max(...shares)).toBeLessThan(1);
  });
});

describe('leastLogProbability', () => {
  it.each(['balanced', 'sure'] as const)(
    'is where a further line is no longer shown (%s)',
    (level) => {
      const least = leastLogProbability(level) ?? NaN;
      const further = (sum: number) => said(['a', 0], ['\n', 0], ['b', sum], ['■', 0]);
      expect(keepSureLines(further(least + 0.01), level).text).toBe('a\nb');
      expect(keepSureLines(further(least - 0.01), level).text).toBe('a');
    },
  );

  it('does not exist where everything is shown', () => {
    expect(leastLogProbability('all')).toBeUndefined();
  });
});

describe('keepSureLines', () => {
  it.each([
    ['all', -50, 'ab'],
    ['balanced', -50, ''],
    ['balanced', -0.1, 'ab'],
    ['sure', -2.5, ''],
    ['sure', -0.1, 'ab'],
  ] as const)('%s with %d', (level, logProbability, expected) => {
    expect(keepSureLines(said(['a', -0.01], ['b', logProbability], ['■', 0]), level).text).toBe(
      expected,
    );
  });

  it('counts the token that ends the line', () => {
    expect(keepSureLines(said(['a', 0], ['■', -9]), 'balanced').text).toBe('');
    expect(keepSureLines(said(['a', 0], ['\n  ', -9], ['b', 0], ['■', 0]), 'balanced').text).toBe(
      '',
    );
  });

  it('cuts a block where it becomes unsure, and then it is whole', () => {
    const block = said(['\n  ', 0], ['a', 0], ['\n  ', 0], ['b', -9], ['\n', 0]);
    expect(keepSureLines({ ...block, isFinished: false }, 'balanced')).toMatchObject({
      text: '\n  a',
      isFinished: true,
    });
    expect(keepSureLines(block, 'all').text).toBe(block.text);
  });

  it('asks less of a new line than of others', () => {
    const block = said(['a', -3.5], ['\n', 0], ['b', 0], ['\n', 0]);
    expect(keepSureLines({ ...block, startsLine: true }, 'balanced').text).toBe('a');
    expect(keepSureLines(block, 'balanced').text).toBe('');
  });

  it('regards no token of lines that were cut off by the stop rule', () => {
    const { tokens } = said(['a', 0], ['\n', 0], ['\n', 0], ['b', -50]);
    const kept = keepSureLines({ text: 'a', tokens, isFinished: true, startsLine: false }, 'sure');
    expect(kept.text).toBe('a');
  });
});

it('does not become less sure while the text is typed', () => {
  const whole = said(['con', -1], ['sole', -1.5], ['.log', -0.2], ['■', -0.1]);
  expect(afterTyping(whole, 4)).toMatchObject({
    text: 'ole.log',
    tokens: [
      { end: 3, logProbability: -1.5 },
      { end: 7, logProbability: -0.2 },
      { end: 7, logProbability: -0.1 },
    ],
    isFinished: true,
  });
  expect(keepSureLines(whole, 'sure').text).toBe('');
  expect(keepSureLines(afterTyping(whole, 7), 'sure').text).toBe('.log');
});
