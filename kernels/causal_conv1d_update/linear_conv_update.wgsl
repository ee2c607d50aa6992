// linear_conv_update: norm, in_proj and one step of the causal convolution in one dispatch; decode.
//   p[r] = sum_c weight[r,c] n[c] + bias[r];   y[r] = r in [CONV_FROM, CONV_FROM + CHANNELS) ? silu(b[c] + sum_w taps[w,c] window[w,c]) : p[r]
// Source: causal_conv1d causal_conv1d_update_ref; the thread that has a channel's product owns its window, so nothing is shared.
// Bindings: 0-4 of lib/row_product.wgsl · 5 y [S, ROWS] write · 6 taps [WIDTH, CHANNELS], then b [CHANNELS]; group 1: 0 one layer's states, STATE_STRIDE apart, conv [WIDTH - 1, CHANNELS] at CONV_AT, oldest first, read_write
// Overrides: those of lib/row_product.wgsl; CONV_FROM, CHANNELS, WIDTH, CONV_AT, STATE_STRIDE. Dispatch: as there.
// Numerics: f32.
override CONV_FROM: u32;
override CHANNELS: u32;
override WIDTH: u32;
override CONV_AT: u32;
override STATE_STRIDE: u32;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
@group(0) @binding(6) var<storage, read> filters: array<f32>;
@group(1) @binding(0) var<storage, read_write> state: array<f32>;

// The convolution at channel c with its newest input; the window moves on by one.
fn convolve(sequence: u32, c: u32, newest: f32) -> f32 {
  var sum = filters[WIDTH * CHANNELS + c] + filters[(WIDTH - 1u) * CHANNELS + c] * newest;
  for (var w = 0u; w + 1u < WIDTH; w++) {
    let i = sequence * STATE_STRIDE + CONV_AT + w * CHANNELS + c;
    sum += filters[w * CHANNELS + c] * state[i];
    if (w + 2u < WIDTH) { state[i] = state[i + CHANNELS]; } else { state[i] = newest; }
  }
  return silu(sum);
}

@compute @workgroup_size(WG)
fn linear_conv_update(@builtin(workgroup_id) group: vec3u, thread: Thread) {
  let li = thread_number(thread);
  let row = group.y * (WG / LANES) + li / LANES;
  let product = row_product(row, group.x, li);
  if (li % LANES == 0u && row < ROWS) {
    let c = row - CONV_FROM;
    let i = group.x * ROWS + row;
    if (row >= CONV_FROM && c < CHANNELS) { y[i] = convolve(group.x, c, product); } else { y[i] = product; }
  }
}
