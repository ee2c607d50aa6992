import type { CompletionOutcome } from '../../extension/runtime-client/runtimeClient';
import { createStopRule } from '../../model-runtime/generation/stopRules';
import type { CompletionParameters } from '../../extension/runtime-client/runtimeClient';
import type { StopReason } from '../../model-runtime/protocol/messages';
import type { Generation } from './generations';
import type { Channel } from './runTasks';
import type { Task } from './tasks';

/** A runtime for one task that says what was recorded, ended by the runtime's own stop rules. */
export function replayChannel(task: Task, generation: Generation): Channel {
  return {
    notify: () => undefined,
    warm: () => Promise.resolve({ kind: 'canceled' }),
    complete: (parameters) => Promise.resolve(replay(task, generation, parameters)),
  };
}

function replay(
  task: Task,
  { text, tokens, ended, totalMs }: Generation,
  { shape, maxLines, maxTokens }: CompletionParameters,
): CompletionOutcome {
  const { prefix, suffix } = task;
  const stopRule = createStopRule({ shape, maxLines, prefix, suffix });
  const isSpecial = ended === 'specialToken';
  const words = isSpecial ? tokens.slice(0, -1) : tokens;
  let kept = text;
  let stopReason: StopReason = isSpecial ? 'specialToken' : 'maxTokens';
  let sampled = tokens.length;
  for (const [index, { end }] of words.slice(0, maxTokens).entries()) {
    const stop = stopRule(text.slice(0, end));
    if (!stop && index + 1 < maxTokens) continue;
    kept = stop?.text ?? text.slice(0, end);
    stopReason = stop?.reason ?? 'maxTokens';
    sampled = index + 1;
    break;
  }
  const read = tokens.slice(0, sampled);
  const figures = {
    promptTokens: 0,
    reusedTokens: 0,
    reuse: 'nothing' as const,
    prefillMs: 0,
    generatedTokens: sampled,
    decodeMs: 0,
    totalMs,
  };
  if (kept === '') return { kind: 'empty', figures };
  const sum = read.reduce((total, token) => total + token.logProbability, 0);
  const meanLogProbability = sum / Math.max(1, read.length);
  return { kind: 'success', text: kept, stopReason, meanLogProbability, tokens: read, figures };
}
