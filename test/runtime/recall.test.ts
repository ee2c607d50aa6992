import { expect, it } from 'vitest';
import { createCpuEngine } from '../../model-runtime/engines/cpu/cpuEngine';
import { loadModel } from '../../model-runtime/model/loadModel';
import { codeOf, fillerOf } from '../../scripts/recall/filler';
import { runTask } from '../../scripts/recall/runTask';
import { findWords } from '../../scripts/recall/words';
import { PROGRAM_FOLDER } from '../support/cpuProgram';
import { MODEL_FOLDER, shippedTokenizer, SPECIAL_TOKENS, VOCAB_SIZE } from '../support/model';

it('the shipped model finds a name again that is defined a screen above, and cannot guess it before', async () => {
  const { weights } = await loadModel(MODEL_FOLDER);
  const engine = await createCpuEngine(weights, { threads: 1, programFolder: PROGRAM_FOLDER });
  const tokenizer = shippedTokenizer();
  const words = findWords(tokenizer, VOCAB_SIZE);
  const code = codeOf('model-runtime/generation', '.ts', tokenizer);
  const start = [SPECIAL_TOKENS.fileSeparator, ...tokenizer.encode('a.ts\n')];
  const cells = await runTask(
    engine,
    { name: 'definition', form: 'code' },
    { tokenizer, words, filler: fillerOf(words, code) },
    { distances: [16, 128], trials: 6, seed: 1, start: { tokens: start, code: start } },
  );
  await engine.dispose();
  expect(cells.map(({ distance }) => distance)).toEqual([16, 128]);
  for (const { accuracy, chance, first, trials } of cells) {
    expect(trials).toBe(6);
    expect(accuracy.share).toBeGreaterThan(0.4);
    expect(chance).toBeLessThan(0.01);
    expect(first?.accuracy).toBeLessThan(0.1);
  }
}, 120_000);
