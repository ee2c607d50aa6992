import activations from '../lib/activations.wgsl';
import { join, parts, type KernelSpec } from '../lib/kernelSpec';
import code from './causal_conv1d.wgsl';

export interface CausalConvShape {
  channels: number;
  /** Taps of a filter. */
  width: number;
  /** First of the convolved columns of x, and numbers from one token to the next. */
  xFrom: number;
  xStride: number;
  /** Where the kept inputs begin in a layer's state, in numbers. */
  convAt: number;
}

const WORKGROUP = 64;

/** Bindings: x [L, xStride], filters [width + 1, channels] (bias last), y [L, channels], Pass; reads the state. */
export function causalConv1d(shape: CausalConvShape): KernelSpec {
  const { channels } = shape;
  return {
    ...common(shape),
    name: 'causal_conv1d',
    dispatch: (seqLen) => [parts(channels, WORKGROUP), seqLen, 1],
  };
}

/** Moves the kept inputs on to the end of the sequence; runs after `causalConv1d`, with its bindings. */
export function keepInputs(shape: CausalConvShape): KernelSpec {
  const { channels } = shape;
  return {
    ...common(shape),
    name: 'keep_inputs',
    dispatch: () => [parts(channels, WORKGROUP), 1, 1],
  };
}

function common({ channels, width, xFrom, xStride, convAt }: CausalConvShape) {
  return {
    code: join(activations, code),
    bindings: ['read', 'read', 'write', 'uniform'],
    usesState: true,
    overrides: {
      CHANNELS: channels,
      WIDTH: width,
      X_FROM: xFrom,
      X_STRIDE: xStride,
      CONV_AT: convAt,
      WG: WORKGROUP,
    },
  } as const;
}
