// causal_conv1d: the depthwise causal convolution with SiLU over sequences, from the inputs kept in their states; prefill.
//   y[l,c] = silu(bias[c] + sum_w taps[w,c] x[l - (WIDTH - 1) + w, c]),   x before the sequence from its state
// Source: causal_conv1d causal_conv1d_ref with initial_states, and its varlen form.
// Bindings: 0 x, CHANNELS columns from X_FROM of [L, X_STRIDE] · 1 taps [WIDTH, CHANNELS], then bias [CHANNELS] · 2 y [L, CHANNELS] write · 3 Pass (uniform); group 1: 0 one layer's states, STATE_STRIDE apart, conv [WIDTH - 1, CHANNELS] at CONV_AT, oldest first, read_write
// Overrides: CHANNELS, WIDTH, X_FROM, X_STRIDE, CONV_AT, STATE_STRIDE; WG. Dispatch: causal_conv1d ceil(CHANNELS / WG) x 64 x chunks; then keep_inputs ceil(CHANNELS / WG) x sequences, which moves the states on.
// Numerics: f32.
override CHANNELS: u32;
override WIDTH: u32;
override X_FROM: u32;
override X_STRIDE: u32;
override CONV_AT: u32;
override STATE_STRIDE: u32;
override WG: u32 = 64u;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> filters: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> run: Pass;
@group(1) @binding(0) var<storage, read_write> state: array<f32>;

// Input `at` of a sequence counted from its oldest kept one; `start` is the sequence's first token.
fn input(sequence: u32, start: u32, at: u32, c: u32) -> f32 {
  if (at + 1u < WIDTH) { return state[sequence * STATE_STRIDE + CONV_AT + at * CHANNELS + c]; }
  return x[(start + at + 1u - WIDTH) * X_STRIDE + X_FROM + c];
}

@compute @workgroup_size(WG)
fn causal_conv1d(@builtin(global_invocation_id) id: vec3u) {
  let c = id.x;
  let chunk = run.chunks[id.z];
  let token = chunk.x + id.y;
  if (c >= CHANNELS || token >= chunk.y) { return; }
  var sum = filters[WIDTH * CHANNELS + c];
  for (var w = 0u; w < WIDTH; w++) {
    sum += filters[w * CHANNELS + c] * input(chunk.z, chunk.w, token - chunk.w + w, c);
  }
  y[token * CHANNELS + c] = silu(sum);
}

// One thread has all of a channel's kept inputs; input w is read after the one that lies before it was written.
@compute @workgroup_size(WG)
fn keep_inputs(@builtin(global_invocation_id) id: vec3u) {
  let c = id.x;
  if (c >= CHANNELS) { return; }
  let range = run.sequences[id.y];
  for (var w = 0u; w + 1u < WIDTH; w++) {
    state[id.y * STATE_STRIDE + CONV_AT + w * CHANNELS + c] = input(id.y, range.x, range.y - range.x + w, c);
  }
}
