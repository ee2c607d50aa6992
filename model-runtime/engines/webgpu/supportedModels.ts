import { MAX_SELECTIVE_SCAN_STATES } from '../../../kernels/selective_scan/selective_scan';
import type { ModelConfig } from '../../model/config';
import { RuntimeError } from '../../protocol/errors';

/** Throws `engineUnavailable` for models that the kernels do not compute. */
export function requireSupported(config: ModelConfig): void {
  const problem = unsupported(config);
  if (problem === undefined) return;
  throw new RuntimeError(
    'engineUnavailable',
    `The webgpu engine needs ${problem}. Choose another engine in the settings.`,
  );
}

/** What the engine would need of the model; `undefined` when it has it. */
export function unsupported(config: ModelConfig): string | undefined {
  const { dModel, dInner, dState } = config;
  const sizes: [string, number][] = [
    ['dModel', dModel],
    ['dInner', dInner],
  ];
  if (config.architecture === 'mamba2') sizes.push(['dInner / nGroups', dInner / config.nGroups]);
  const odd = sizes.find(([, size]) => size % 4 !== 0);
  if (odd) return `${odd[0]} to be a multiple of 4, not ${String(odd[1])}`;
  return config.architecture === 'mamba1' && dState > MAX_SELECTIVE_SCAN_STATES
    ? `dState to be at most ${String(MAX_SELECTIVE_SCAN_STATES)}, not ${String(dState)}`
    : undefined;
}
