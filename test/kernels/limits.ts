/** Largest relative L2 to the f64 reference, by op: measured at these sizes, then doubled and rounded up. */
export const LIMITS = {
  rms_norm: 5e-7,
  gated_rms_norm: 5e-7,
  causal_conv1d: 5e-7,
  causal_conv1d_update: 5e-7,
  selective_state_update: 5e-7,
  selective_scan: 1e-6,
  /** Sums of 128 products of either sign, one after another. */
  ssd_state_update: 4e-6,
  ssd_chunk_scan: 5e-6,
  ssd_chunk_state: 2e-6,
  /** Of the logarithm of the sum of exponentials, which is absolute. */
  top_k: 3e-6,
  linear_f32: 1e-6,
  /** Activations have 14 bits in blocks of 32. */
  linear_int8: 3e-4,
  linear_int4: 3e-4,
} as const;

/** The same for the WGSL kernels on SwiftShader. */
export const GPU_LIMITS = {
  linear: 1e-6,
  /** Activations have 16 bits in blocks of 32; outliers among them. */
  linear_packed: 1e-4,
  /** Activations have 11 bits, and so has each of the sums of eight products. */
  linear_f16: 1e-3,
  norm: 1e-6,
  causal_conv1d: 1e-6,
  selective_scan: 5e-6,
  /** Decays are exponentials of running sums, which exp may have wrong by 3 + 2 |x| units. */
  ssd: 7e-6,
} as const;
