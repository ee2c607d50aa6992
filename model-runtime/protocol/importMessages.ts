import type { RuntimeErrorCode } from './errors';
import type { WeightsChoice } from './messages';

/** What an import is at: writing the weights, then reading them back for their checksums. */
export type ImportPhase = 'weights' | 'checksums';

/** What a checkpoint's headers say, before anything of it is read or written. */
export interface CheckpointSummary {
  name: string;
  architecture: 'mamba1' | 'mamba2';
  parameters: number;
  /** Of the model folder to be. */
  diskBytes: number;
  freeDiskBytes: number;
  /** Most that loading and running takes, by the choice of weights. */
  memoryBytes: Record<WeightsChoice, number>;
  /** Of the machine. */
  totalMemoryBytes: number;
  /** The guess at how the model is asked. */
  infill: 'none' | 'prefix-suffix-middle' | 'region';
  /** Names of tokens. */
  stop: readonly string[];
  contextTokens?: number | undefined;
}

/** To the import process. One `inspect` or `add` for each process; `cancel` ends it. */
export type ImportRequest =
  | { kind: 'inspect'; source: string; library: string }
  | { kind: 'add'; source: string; target: string; name: string; weights: WeightsChoice }
  | { kind: 'cancel' };

/** From it. After every message but `progress` the process ends. */
export type ImportMessage =
  | { kind: 'inspected'; summary: CheckpointSummary }
  | { kind: 'progress'; phase: ImportPhase; done: number; total: number }
  | { kind: 'added' }
  | { kind: 'canceled' }
  | { kind: 'failed'; code: RuntimeErrorCode; message: string };
