import activations from '../lib/activations.wgsl';
import { join, parts, type KernelSpec, type StatePlace } from '../lib/kernelSpec';
import { SSD_CHUNK } from '../lib/pass';
import pass from '../lib/pass.wgsl';
import code from './causal_conv1d.wgsl';

export interface CausalConvShape {
  channels: number;
  /** Taps of a filter. */
  width: number;
  /** First of the convolved columns of x, and numbers from one token to the next. */
  xFrom: number;
  xStride: number;
  kept: StatePlace;
}

const WORKGROUP = 64;

/** Bindings: x [L, xStride], filters [width + 1, channels] (bias last), y [L, channels], Pass; reads the state. */
export function causalConv1d(shape: CausalConvShape): KernelSpec {
  const { channels } = shape;
  return {
    ...common(shape),
    name: 'causal_conv1d',
    dispatch: ({ chunks }) => [parts(channels, WORKGROUP), SSD_CHUNK, chunks],
  };
}

/** Moves the kept inputs on to the ends of the sequences; runs after `causalConv1d`, with its bindings. */
export function keepInputs(shape: CausalConvShape): KernelSpec {
  const { channels } = shape;
  return {
    ...common(shape),
    name: 'keep_inputs',
    dispatch: ({ sequences }) => [parts(channels, WORKGROUP), sequences, 1],
  };
}

function common({ channels, width, xFrom, xStride, kept }: CausalConvShape) {
  return {
    code: join(pass, activations, code),
    bindings: ['read', 'read', 'write', 'uniform'],
    usesState: true,
    overrides: {
      CHANNELS: channels,
      WIDTH: width,
      X_FROM: xFrom,
      X_STRIDE: xStride,
      CONV_AT: kept.at,
      STATE_STRIDE: kept.stride,
      WG: WORKGROUP,
    },
  } as const;
}
