import type { Settings } from '../../extension/settings/table';
import type { EngineChoice, WeightsChoice } from '../../model-runtime/protocol/messages';
import { scriptLogger, startRuntime } from '../startRuntime';
import { closedByEditor } from './closedByEditor';
import { readGenerations, taskKey } from './generations';
import { replayChannel } from './replay';
import { runTasks } from './runTasks';
import type { Outcome } from './scores';
import type { Task } from './tasks';

export interface EvaluationOptions<T extends Task> {
  tasks: readonly T[];
  /** Tasks whose files may be read before those of `tasks`. */
  neighbours?: readonly Task[];
  engine: EngineChoice;
  weights: WeightsChoice;
  /** 0: the runtime chooses. */
  threads: number;
  /** Absent: the shipped model. */
  modelFolder: string | undefined;
  settings: Settings;
  /** Names of shape rules that are left out. */
  without: ReadonlySet<string>;
  /** File that `npm run record` wrote; absent: the built runtime is asked. */
  replay: string | undefined;
  /** Whether brackets that are open on the cursor's line are closed behind it, as editors do. */
  isClosedByEditor: boolean;
}

/** In the order of `tasks`, those that were recorded when it replays. Throws what the runtime fails with. */
export async function evaluate<T extends Task>(
  options: EvaluationOptions<T>,
): Promise<{ task: T; outcome: Outcome }[]> {
  const { settings, without, replay } = options;
  const asEdited = (task: T) => (options.isClosedByEditor ? closedByEditor(task) : task);
  if (replay !== undefined) {
    const generations = readGenerations(replay);
    const recorded = options.tasks.flatMap((task) => {
      const generation = generations.get(taskKey(task));
      const edited = asEdited(task);
      return generation && edited ? [{ task: edited, generation }] : [];
    });
    const missing = options.tasks.filter((task) => !generations.has(taskKey(task))).length;
    if (missing > 0) console.error(`${missing} tasks have not been recorded and are left out.`);
    const channels = recorded.map(({ task, generation }) => replayChannel(task, generation));
    const tasks = recorded.map(({ task }) => task);
    return paired(tasks, await runTasks(tasks, (index) => channels[index], settings, without));
  }
  const { engine, weights, threads, modelFolder } = options;
  const tasks = options.tasks.flatMap((task) => asEdited(task) ?? []);
  const client = startRuntime({ engine, weights, threads, modelFolder }, scriptLogger(false));
  try {
    await client.whenReady();
    return paired(
      tasks,
      await runTasks(tasks, () => client, settings, without, options.neighbours),
    );
  } finally {
    await client.stop();
  }
}

function paired<T>(tasks: readonly T[], outcomes: readonly Outcome[]) {
  return outcomes.flatMap((outcome, i) => {
    const task = tasks[i];
    return task === undefined ? [] : [{ task, outcome }];
  });
}
