import type { Engine, RecurrentState } from '../../model-runtime/engines/engine';
import { argmax, logProbabilityOf } from '../../model-runtime/sampling/sample';
import type { Part, Question, Trial } from './trial';

/** What a model says where a token is asked for. */
export interface Answer {
  /** Of all tokens the right one is the most likely. */
  isBest: boolean;
  /** It is the most likely among the question's choices; of the whole vocabulary where there are none. */
  isChosen: boolean;
  /** Natural logarithm of the right token's probability. */
  logProbability: number;
}

export interface TrialAnswers {
  /** Where the text says it for the first time: what the model guesses without having read it. */
  first: Answer[];
  /** By distance. */
  second: Map<number, Answer[]>;
}

/**
 * Asks at each distance, in ascending order. The text between is read once: after the questions of one distance the state goes back to
 * before them and reads on. `filler` has as many tokens as the longest distance.
 */
export async function askTrial(
  engine: Engine,
  state: RecurrentState,
  start: readonly number[],
  trial: Trial,
  distances: readonly number[],
  filler: readonly number[],
): Promise<TrialAnswers> {
  state.reset();
  await read(engine, state, { tokens: start, questions: [] });
  const first = await read(engine, state, trial.first);
  const second = new Map<number, Answer[]>();
  let position = 0;
  for (const distance of distances) {
    const questions: Question[] = [];
    await read(engine, state, { tokens: filler.slice(position, distance), questions });
    position = distance;
    const before = state.snapshot();
    second.set(distance, await read(engine, state, trial.second));
    state.restore(before);
    before.dispose();
  }
  return { first, second };
}

/** Reads a part and answers its questions, in their order. */
async function read(engine: Engine, state: RecurrentState, part: Part): Promise<Answer[]> {
  const { tokens, questions } = part;
  const { maxChunkTokens, vocabSize } = engine.info;
  const answers: Answer[] = [];
  for (let start = 0; start < tokens.length; start += maxChunkTokens) {
    const chunk = Int32Array.from(tokens.slice(start, start + maxChunkTokens));
    // The token before the asked one gives its logits.
    const here = questions.filter(({ at }) => at > start && at <= start + chunk.length);
    const rows = here.length > 0 ? 'all' : 'last';
    const logits = await engine.prefill(chunk, state, { rows });
    for (const question of here) {
      const row = question.at - 1 - start;
      const rowLogits = logits.subarray(row * vocabSize, (row + 1) * vocabSize);
      answers.push(answerOf(rowLogits, tokens[question.at] ?? NaN, question));
    }
  }
  if (answers.length !== questions.length) {
    throw new Error('A question stands at the start of its part or beyond its end.');
  }
  return answers;
}

/** What logits `[V]` say where `right` is asked for. */
export function answerOf(logits: Float32Array, right: number, { choices }: Question): Answer {
  const best = argmax(logits);
  const rightLogit = logits[right] ?? NaN;
  const isBest = best === right;
  return {
    isBest,
    isChosen: choices
      ? choices.every((id) => id === right || (logits[id] ?? NaN) < rightLogit)
      : isBest,
    logProbability: logProbabilityOf(right, logits, logits[best] ?? NaN),
  };
}
