// activations: silu and softplus, joined in front of kernels that need them.
//   silu(x) = x / (1 + exp(-x));   softplus(x) = log(1 + exp(x))
// Source: kernels/lib/activations.ts, the same in f64.
// Bindings: none.
// Overrides, dispatch: none.
// Numerics: f32; the logarithm by its atanh series, since log near 1 may be wrong by 5e-7 and steps dt are as small as 1e-3.
fn silu(x: f32) -> f32 {
  // exp beyond 88 overflows, which WGSL does not define.
  return x / (1.0 + exp(min(-x, 80.0)));
}

fn softplus(x: f32) -> f32 {
  // log(1 + e) = 2 atanh(e / (2 + e)) with e <= 1: nine terms leave less than an f32 can show.
  let e = exp(-abs(x));
  let s = e / (2.0 + e);
  let q = s * s;
  let series = 1.0 + q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * (1.0 / 7.0 + q * (1.0 / 9.0 +
    q * (1.0 / 11.0 + q * (1.0 / 13.0 + q * (1.0 / 15.0)))))));
  return max(x, 0.0) + 2.0 * s * series;
}
