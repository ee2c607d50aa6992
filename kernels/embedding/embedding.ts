import weightWords from '../lib/weight_words.wgsl';
import { join, parts, type KernelSpec } from '../lib/kernelSpec';
import { wordOverrides, type MatrixShape } from '../linear/matrix_shape';
import code from './embedding.wgsl';

const WORKGROUP = 64;

/** Bindings: values, scales, tokens [L], h [L, cols]. */
export function embedding(shape: MatrixShape): KernelSpec {
  return {
    name: 'embedding',
    code: join(weightWords, code),
    bindings: ['read', 'read', 'read', 'write'],
    usesState: false,
    overrides: { ...wordOverrides(shape), WG: WORKGROUP },
    dispatch: ({ tokens }) => [parts(shape.cols / 4, WORKGROUP), tokens, 1],
  };
}
