import { halveActivations } from '../../../kernels/linear/halve_activations';
import { linearMatrixF16 } from '../../../kernels/linear/linear_matrix_f16';
import { linearMatrixPacked } from '../../../kernels/linear/linear_matrix_packed';
import { quantizeActivations } from '../../../kernels/linear/quantize_activations';
import type { GpuContext } from './gpuContext';

/** In what prefill multiplies quantized weights: f32 as they are, or with activations rounded to packed integers or f16. */
export type Products = 'f32' | RoundedProducts;
export type RoundedProducts = 'packed' | 'f16';

/** What rounds the activations, and what multiplies them then. */
export const ROUNDED_KERNELS = {
  packed: { round: quantizeActivations, multiply: linearMatrixPacked },
  f16: { round: halveActivations, multiply: linearMatrixF16 },
} as const;

/** Room for the rounded activations of a prefill. */
export interface RoundedRows {
  products: RoundedProducts;
  rows: GPUBuffer;
  scales: GPUBuffer;
}

/** For vectors of up to `mostColumns` numbers: two bytes each, and a scale for each 32 at most. */
export function roundedRows(
  products: Products,
  gpu: GpuContext,
  maxChunkTokens: number,
  mostColumns: number,
): RoundedRows | undefined {
  if (products === 'f32') return undefined;
  const most = maxChunkTokens * mostColumns;
  return {
    products,
    rows: gpu.storage(most * 2, 'rounded activations'),
    scales: gpu.storage((most / 32) * 4, 'scales of activations'),
  };
}
