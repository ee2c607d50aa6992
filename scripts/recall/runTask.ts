import type { Engine } from '../../model-runtime/engines/engine';
import { createRandom, type Random } from '../random';
import { askTrial, type Answer } from './askEngine';
import { shareOf, type Share } from './statistics';
import {
  copyingTrial,
  definitionTrial,
  inductionTrial,
  recallTrial,
  type Form,
  type TaskText,
} from './tasks';
import type { Trial } from './trial';
import { wordsOutside } from './words';

export type TaskName = 'copying' | 'induction' | 'recall' | 'definition';

export interface Task {
  name: TaskName;
  form: Form;
  /** Of `recall`. */
  pairs?: number;
}

/** What became of a task at one distance. */
export interface Cell extends Task {
  /** Tokens of other text between what is to be remembered and what asks for it; for `copying` what the words are scattered over. */
  distance: number;
  trials: number;
  questions: number;
  /** Right among the choices. Without choices: right of the whole vocabulary. */
  accuracy: Share;
  /** Who knows nothing is right so often. */
  chance: number;
  /** Trials of which every answer is right of the whole vocabulary. */
  whole: Share;
  /** Natural logarithms, a mean of all answers. */
  loss: number;
  /** The same where the text says it for the first time, without having read it. */
  first: { accuracy: number; loss: number } | undefined;
}

/** Longer distances take most of the time; every fourth trial goes that far. */
const FAR_TOKENS = 1024;
const FAR_EVERY = 4;

export interface RecallText extends TaskText {
  /** Other text: random tokens for `tokens`, code for `code`. */
  filler: (form: Form, count: number, random: Random) => readonly number[];
}

export interface RunOptions {
  distances: readonly number[];
  trials: number;
  seed: number;
  /** Tokens before everything else, by form. */
  start: Record<Form, readonly number[]>;
}

/** Asks a model all trials of a task and sums up by distance. */
export async function runTask(
  engine: Engine,
  task: Task,
  text: RecallText,
  { distances, trials, seed, start }: RunOptions,
): Promise<Cell[]> {
  const state = engine.createState();
  const found = new Map<number, { first: Answer[][]; second: Answer[][]; chance: number }>();
  try {
    for (let index = 0; index < trials; index++) {
      const random = createRandom(seed + index);
      const reached = distances.filter((each) => each <= FAR_TOKENS || index % FAR_EVERY === 0);
      for (const { trial, at, filler, within } of passes(task, text, reached, random)) {
        const answers = await askTrial(engine, state, start[task.form], trial, at, filler);
        for (const [gap, second] of answers.second) {
          const distance = within ?? gap;
          const cell = found.get(distance) ?? { first: [], second: [], chance: chanceOf(trial) };
          found.set(distance, cell);
          cell.first.push(answers.first);
          cell.second.push(second);
        }
      }
    }
  } finally {
    state.dispose();
  }
  return [...found].map(([distance, cell]) => ({
    ...task,
    distance,
    trials: cell.second.length,
    questions: cell.second.flat().length,
    accuracy: shareOf(cell.second.map((answers) => answers.map(({ isChosen }) => isChosen))),
    chance: cell.chance,
    whole: shareOf(cell.second.map((answers) => [answers.every(({ isBest }) => isBest)])),
    loss: lossOf(cell.second.flat()),
    first: firstOf(cell.first.flat()),
  }));
}

interface Pass {
  trial: Trial;
  /** Distances within one reading, and the text that they are within. */
  at: readonly number[];
  filler: readonly number[];
  /** The distance where it is within what is to be remembered. */
  within?: number;
}

/** One reading serves all distances, except for `copying`. What a trial asks for does not stand in the other text. */
function passes(
  { name, form, pairs = 1 }: Task,
  { filler, ...text }: RecallText,
  distances: readonly number[],
  random: Random,
): Pass[] {
  if (name === 'copying') {
    return distances.map((distance) => {
      const other = filler(form, distance, random);
      const own = { ...text, words: wordsOutside(text.words, other) };
      const trial = copyingTrial(form, other, own, random);
      return { trial, at: [0], filler: [], within: distance };
    });
  }
  const other = filler(form, distances.at(-1) ?? 0, random);
  const own = { ...text, words: wordsOutside(text.words, other) };
  const trial =
    name === 'recall'
      ? recallTrial(form, pairs, own, random)
      : name === 'induction'
        ? inductionTrial(form, own, random)
        : definitionTrial(own, random);
  return [{ trial, at: distances, filler: other }];
}

/** Of guessing one of the choices, or one of the words that are drawn from. */
function chanceOf({ second, drawnFrom }: Trial): number {
  return 1 / (second.questions[0]?.choices?.length ?? drawnFrom);
}

function lossOf(answers: readonly Answer[]): number {
  return -answers.reduce((sum, { logProbability }) => sum + logProbability, 0) / answers.length;
}

function firstOf(answers: readonly Answer[]): Cell['first'] {
  if (answers.length === 0) return undefined;
  const right = answers.filter(({ isBest }) => isBest).length;
  return { accuracy: right / answers.length, loss: lossOf(answers) };
}
