/** x σ(x), also called swish. */
export function silu(x: number): number {
  return x / (1 + Math.exp(-x));
}

/** log(1 + exp(x)), without overflow for large x and without loss for very negative x. */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
