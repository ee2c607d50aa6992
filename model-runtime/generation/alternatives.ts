import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Engine, RecurrentState } from '../engines/engine';
import {
  likeliest,
  sample,
  type SampledToken,
  type SamplingOptions,
  type TopK,
} from '../sampling/sample';
import type { ModelTokenizer } from '../tokenizer/modelTokenizer';
import { Writing, type WritingOptions, type Written } from './writing';

export interface AlternativesOptions extends WritingOptions {
  sampling: SamplingOptions;
  /** Texts wanted at most, the first one included. */
  count: number;
}

/** A token of which the model is so sure has no rival. */
const SURE = 0.9;
/** Less likely tokens begin no text of their own. */
const LEAST_PROBABILITY = 0.02;

interface Branch {
  writing: Writing;
  state: RecurrentState;
  logits: Float32Array;
}

/**
 * Several texts from one place: the one that `generate` gives, and others that leave it where the model was unsure for the
 * first time, by the next likeliest tokens. From there on all are decoded together: the engine reads its weights once for
 * a token of each. Fewer than `count` where it was sure. Leaves `state` advanced. Throws the signal's reason when it aborts
 * between two tokens.
 */
export async function generateAlternatives(
  engine: Engine,
  tokenizer: ModelTokenizer,
  state: RecurrentState,
  logits: Float32Array,
  options: AlternativesOptions,
  signal: AbortSignal,
): Promise<Written[]> {
  const first: Branch = { writing: new Writing(tokenizer, options), state, logits };
  const others: RecurrentState[] = [];
  const finished = new Map<Branch, Written>();
  const branches = [first];
  let open = [first];
  try {
    while (open.length > 0) {
      await nextTurn();
      signal.throwIfAborted();
      const steps: { branch: Branch; token: number }[] = [];
      const take = (branch: Branch, next: SampledToken) => {
        const written = branch.writing.take(next);
        if (written) finished.set(branch, written);
        else steps.push({ branch, token: next.token });
      };
      for (const branch of open) {
        const top = engine.topK?.(branch.logits) ?? likeliest(branch.logits);
        const next = sample(branch.logits, options.sampling, top);
        const missing = branch === first ? options.count - branches.length : 0;
        for (const rival of rivals(top, next, missing, options.isStop)) {
          const fork = { writing: first.writing.fork(), state: copyOf(engine, state), logits };
          others.push(fork.state);
          branches.push(fork);
          take(fork, rival);
        }
        take(branch, next);
      }
      await decodeAll(engine, steps);
      open = steps.map(({ branch }) => branch);
    }
  } finally {
    for (const other of others) other.dispose();
  }
  return branches.flatMap((branch) => finished.get(branch) ?? []);
}

/** The likeliest tokens beside `chosen`, where the model was not sure of it. */
function rivals(
  top: TopK,
  chosen: SampledToken,
  most: number,
  isStop: (token: number) => boolean,
): SampledToken[] {
  if (most === 0 || chosen.logProbability > Math.log(SURE)) return [];
  return Array.from(top.tokens, (token, i) => ({
    token,
    logProbability: (top.logits[i] ?? -Infinity) - top.logSumExp,
  }))
    .filter(({ token, logProbability }) => {
      const isOther = token !== chosen.token && !isStop(token);
      return isOther && logProbability >= Math.log(LEAST_PROBABILITY);
    })
    .slice(0, most);
}

function copyOf(engine: Engine, state: RecurrentState): RecurrentState {
  const copy = engine.createState();
  const snapshot = state.snapshot();
  copy.restore(snapshot);
  snapshot.dispose();
  return copy;
}

async function decodeAll(
  engine: Engine,
  steps: readonly { branch: Branch; token: number }[],
): Promise<void> {
  const { vocabSize, maxSequences = 1 } = engine.info;
  if (engine.decodeMany && steps.length > 1 && steps.length <= maxSequences) {
    const tokens = Int32Array.from(steps, ({ token }) => token);
    const states = steps.map(({ branch }) => branch.state);
    const rows = await engine.decodeMany(tokens, states);
    for (const [i, { branch }] of steps.entries()) {
      branch.logits = rows.subarray(i * vocabSize, (i + 1) * vocabSize);
    }
    return;
  }
  for (const { branch, token } of steps) branch.logits = await engine.decode(token, branch.state);
}
