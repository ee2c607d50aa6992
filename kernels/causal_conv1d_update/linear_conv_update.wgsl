// linear_conv_update: norm, in_proj and one step of the causal convolution in one dispatch; decode.
//   p[r] = sum_c weight[r,c] n[c];   y[r] = r in [CONV_FROM, CONV_FROM + CHANNELS) ? silu(bias[c] + sum_w taps[w,c] window[w,c]) : p[r]
// Source: causal_conv1d causal_conv1d_update_ref; the thread that has a channel's product owns its window, so nothing is shared.
// Bindings: 0-3 of lib/row_product.wgsl · 4 y [ROWS] write · 5 taps [WIDTH, CHANNELS], then bias [CHANNELS]; group 1: 0 one layer's state, conv [WIDTH - 1, CHANNELS] at CONV_AT, oldest first, read_write
// Overrides: those of lib/row_product.wgsl; CONV_FROM, CHANNELS, WIDTH, CONV_AT. Dispatch: ceil(ROWS / (WG / LANES)) workgroups.
// Numerics: f32.
override CONV_FROM: u32;
override CHANNELS: u32;
override WIDTH: u32;
override CONV_AT: u32;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
@group(0) @binding(5) var<storage, read> filters: array<f32>;
@group(1) @binding(0) var<storage, read_write> state: array<f32>;

// The convolution at channel c with its newest input; the window moves on by one.
fn convolve(c: u32, newest: f32) -> f32 {
  var sum = filters[WIDTH * CHANNELS + c] + filters[(WIDTH - 1u) * CHANNELS + c] * newest;
  for (var w = 0u; w + 1u < WIDTH; w++) {
    let i = CONV_AT + w * CHANNELS + c;
    sum += filters[w * CHANNELS + c] * state[i];
    if (w + 2u < WIDTH) { state[i] = state[i + CHANNELS]; } else { state[i] = newest; }
  }
  return silu(sum);
}

@compute @workgroup_size(WG)
fn linear_conv_update(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) li: u32) {
  let row = group.x * (WG / LANES) + li / LANES;
  let product = row_product(row, li);
  if (li % LANES == 0u && row < ROWS) {
    let c = row - CONV_FROM;
    if (row >= CONV_FROM && c < CHANNELS) { y[row] = convolve(c, product); } else { y[row] = product; }
  }
}
