import { describe, expect, it } from 'vitest';
import { findDraft } from '../../../model-runtime/generation/promptLookup';

const FIRST_TEXT_TOKEN = 16;
const isStop = (token: number) => token < FIRST_TEXT_TOKEN;
const draft = (history: number[], most = 8) => findDraft(history, most, isStop);

describe('a draft from the document', () => {
  it('is what followed the last tokens where they stood before', () => {
    expect(draft([20, 21, 22, 23, 24, 25, 99, 20, 21, 22])).toEqual([23, 24]);
  });

  it('is as long as the match promises', () => {
    const text = Array.from({ length: 40 }, (_, i) => 20 + i);
    const afterMatchOf = (length: number) => draft([...text, 99, ...text.slice(0, length)], 15);
    expect([3, 4, 5, 7, 9, 16].map((length) => afterMatchOf(length).length)).toEqual([
      2, 2, 3, 5, 7, 7,
    ]);
    expect(afterMatchOf(9)).toEqual([29, 30, 31, 32, 33, 34, 35]);
  });

  it('follows the longest match rather than the latest', () => {
    const long = [30, 20, 21, 22, 40, 41, 42, 43];
    const latest = [31, 20, 21, 22, 50, 51];
    expect(draft([...long, ...latest, 30, 20, 21, 22])).toEqual([40, 41]);
  });

  it('follows the latest of equally long matches', () => {
    expect(draft([20, 21, 22, 40, 60, 20, 21, 22, 50, 61, 20, 21, 22], 1)).toEqual([50]);
  });

  it('is empty when fewer than three tokens agree', () => {
    expect(draft([20, 21, 22, 23, 9, 21, 22])).toEqual([]);
    expect(draft([20, 21])).toEqual([]);
    expect(draft([])).toEqual([]);
  });

  it('stops before a special token and at the most that is asked for', () => {
    expect(draft([20, 21, 22, 23, 2, 24, 20, 21, 22])).toEqual([23]);
    expect(draft([20, 21, 22, 23, 24, 25, 26, 20, 21, 22], 2)).toEqual([23, 24]);
    expect(draft([20, 21, 22, 23, 20, 21, 22], 0)).toEqual([]);
  });

  it('goes on with a repetition that is still being written', () => {
    expect(draft([20, 20, 20, 20, 20])).toEqual([20]);
  });
});
