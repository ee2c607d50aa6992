import { describe, expect, it } from 'vitest';
import { createReferenceEngine } from '../../../model-runtime/engines/reference/referenceEngine';
import { Completer } from '../../../model-runtime/generation/completer';
import { freshPrompt } from '../../../model-runtime/generation/freshPrompt';
import { resolvePromptFormat } from '../../../model-runtime/generation/promptFormat';
import type { PromptDescription } from '../../../model-runtime/model/promptDescription';
import { ModelTokenizer } from '../../../model-runtime/tokenizer/modelTokenizer';
import { positionAt } from '../../support/editScripts';
import { TOKENIZER_JSON } from '../../support/modelFolder';
import { randomModel, smallMamba1 } from '../../support/randomModel';

const [prefix, suffix, middle] = ['<|file_sep|>', '<|fim_suffix|>', '<|fim_middle|>'];
const forms: PromptDescription['infill'][] = [
  { form: 'none' },
  { form: 'prefix-suffix-middle', prefix, suffix, middle },
  { form: 'region', suffix, middle },
];
const tokenizer = new ModelTokenizer(TOKENIZER_JSON, 96);
const engine = createReferenceEngine(randomModel(smallMamba1({ nLayer: 1 }), 9));
const never = new AbortController().signal;
const HEAD = 'a = b;\n'.repeat(12);
const TAIL = ';\nc = d;\n';

describe.each(forms)('a model with the infill form $form', (infill) => {
  const description = { infill, start: ['<|endoftext|>'], stop: [] };
  const format = resolvePromptFormat(description, tokenizer);
  const opened = (text: string) => {
    const completer = new Completer(engine, tokenizer, format, 2 ** 24);
    completer.documents.open({
      kind: 'openDocument',
      documentId: 'd',
      version: 1,
      path: 'x.js',
      text,
      isComplete: true,
    });
    return completer;
  };
  const complete = async (completer: Completer, text: string, at: number, version: number) => {
    const answer = await completer.complete(
      {
        kind: 'complete',
        requestId: version,
        documentId: 'd',
        version,
        lineCount: text.split('\n').length,
        position: positionAt(text, at),
        contextCharacters: 6000,
        maxReadTokens: 10_000,
        shape: 'block',
        maxTokens: 12,
        maxLines: 4,
        temperature: 0,
        topP: 1,
      },
      never,
    );
    if (answer?.kind !== 'completion') throw new Error('no answer');
    return answer;
  };

  it('is answered while typing as it is afresh, and reads less', async () => {
    const typed = opened(HEAD + TAIL);
    await complete(typed, HEAD + TAIL, HEAD.length, 1);
    typed.documents.change({
      kind: 'changeDocument',
      documentId: 'd',
      fromVersion: 1,
      version: 2,
      changes: [
        { start: positionAt(HEAD, HEAD.length), end: positionAt(HEAD, HEAD.length), text: 'e = ' },
      ],
    });
    const text = `${HEAD}e = ${TAIL}`;
    const at = HEAD.length + 4;
    const after = await complete(typed, text, at, 2);
    const fresh = await complete(opened(text), text, at, 1);
    expect(after.text).toBe(fresh.text);
    expect(after.meanLogProbability).toBeCloseTo(fresh.meanLogProbability, 6);
    expect(fresh.figures.reusedTokens).toBe(0);
    expect(after.figures.reusedTokens).toBeGreaterThan(fresh.figures.promptTokens / 3);
    const excerpt = { path: 'x.js', prefix: text.slice(0, at), suffix: text.slice(at) };
    const whole = freshPrompt(excerpt, 6000, tokenizer, format);
    expect(fresh.figures.promptTokens).toBe(whole.length);
    typed.dispose();
  });

  it('answers at a document’s start, again and again', async () => {
    for (const text of ['', TAIL]) {
      const completer = opened(text);
      const first = await complete(completer, text, 0, 1);
      expect((await complete(completer, text, 0, 1)).text).toBe(first.text);
      completer.dispose();
    }
  });
});
