import type { LoadedModel } from '../../model-runtime/model/loadModel';
import { headerTokens } from '../../model-runtime/generation/prompt';
import { prepareText } from '../../model-runtime/generation/promptFormat';
import { importNodeLlamaCpp, type LlamaSequence } from '../subjects/nodeLlamaCpp';
import type { StateResult } from './ourDocuments';
import { summary } from './ourDocuments';
import type { Change, StateDocument } from './script';
import { MIDDLE, PASTED, TYPED } from './script';

/** Its best setting for edits: a checkpoint after every prompt, and on the way every so many tokens, as many as it keeps by default. */
const CHECKPOINTS = { interval: 256, max: 32 };
const GREEDY = { temperature: 0, yieldEogToken: true };
const HEADROOM_TOKENS = 512;

/**
 * What a completion server on llama.cpp does for the same edits: the prompt is the document up to the cursor. No «switch»: each
 * document would be given a sequence of its own.
 */
export async function measureLlama(
  model: LoadedModel,
  documents: readonly StateDocument[],
  threads: number,
  benchFolder: string,
  modelPath: string,
  say: (line: string) => void,
): Promise<StateResult[]> {
  const { tokenizer, format } = prepareText(model);
  const { getLlama } = await importNodeLlamaCpp(benchFolder);
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    maxThreads: threads,
    logLevel: 'error',
  });
  const loaded = await llama.loadModel({ modelPath });
  const results: StateResult[] = [];
  for (const each of documents) {
    say(`llama.cpp, ${each.tokens} tokens`);
    const context = await loaded.createContext({
      contextSize: Math.ceil(each.tokens * 1.1) + HEADROOM_TOKENS,
      batchSize: 512,
      threads: { ideal: threads, min: threads },
    });
    const sequence = context.getSequence({ checkpoints: CHECKPOINTS });
    const lines = each.text.split('\n');
    const complete = (line: number, character: number) => {
      const before = [...lines.slice(0, line), (lines[line] ?? '').slice(0, character)].join('\n');
      const tokens = [
        ...headerTokens('src/app.ts', tokenizer, format),
        ...tokenizer.encode(before),
      ];
      return read(sequence, tokens);
    };
    const report = (change: Change, samples: readonly { tokensRead: number; ms: number }[]) =>
      results.push({
        engine: 'llama.cpp',
        documentTokens: each.tokens,
        change,
        ...summary(samples),
      });

    await complete(each.typingLine, 0);
    const typed = [];
    for (const [i, character] of [...TYPED].entries()) {
      lines[each.typingLine] += character;
      typed.push(await complete(each.typingLine, i + 1));
    }
    report('type', typed);
    const pasted = [];
    let line = each.typingLine;
    for (const text of PASTED) {
      lines.splice(++line, 0, text);
      pasted.push(await complete(line, text.length));
    }
    report('tail20', pasted);
    const middle = [];
    for (const text of MIDDLE) {
      await complete(line, 0);
      lines[each.middleLine] = text + (lines[each.middleLine] ?? '');
      middle.push(await complete(each.middleLine, text.length));
    }
    report('middle', middle);
    await context.dispose();
  }
  return results;
}

async function read(
  sequence: LlamaSequence,
  tokens: number[],
): Promise<{ tokensRead: number; ms: number }> {
  const start = performance.now();
  // The last token is always read again, for its logits.
  await sequence.adaptStateToTokens(tokens.slice(0, -1), false);
  const from = sequence.nextTokenIndex;
  const rest = tokens.slice(from);
  if (rest.length > 1) await sequence.evaluateWithoutGeneratingNewTokens(rest.slice(0, -1));
  await sequence.takeCheckpoint();
  const generated = sequence.evaluate(rest.slice(-1), GREEDY);
  await generated.next();
  await generated.return();
  return { tokensRead: tokens.length - from, ms: performance.now() - start };
}
