// ssd_state_passing: carries the state from chunk to chunk and moves the recurrent states to the ends of their sequences.
//   initial[c] = h;   h[k] = exp(cumA[end of c, k]) h[k] + states[c,k]
// Source: Mamba-2 paper, section 6, step 3; mamba_ssm state_passing_ref.
// Bindings: 0 cumA [chunks, HEADS, 64] · 1 states [chunks, HEADS, D_STATE, HEAD_DIM] read_write, becomes initial · 2 Pass (uniform); group 1: 0 one layer's states, STATE_STRIDE apart, ssm [HEADS, D_STATE, HEAD_DIM] at SSM_AT, read_write
// Overrides: HEADS, HEAD_STATE = D_STATE HEAD_DIM, SSM_AT, STATE_STRIDE; WG. Dispatch: ceil(HEADS HEAD_STATE / WG) x sequences, one thread for a number of a state.
// Numerics: f32.
override HEADS: u32;
override HEAD_STATE: u32;
override SSM_AT: u32;
override STATE_STRIDE: u32;
override WG: u32 = 256u;
@group(0) @binding(0) var<storage, read> cum_a: array<f32>;
@group(0) @binding(1) var<storage, read_write> states: array<f32>;
@group(0) @binding(2) var<uniform> run: Pass;
@group(1) @binding(0) var<storage, read_write> state: array<f32>;

@compute @workgroup_size(WG)
fn ssd_state_passing(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= HEADS * HEAD_STATE) { return; }
  let k = i / HEAD_STATE;
  let range = run.sequences[id.y];
  let own = id.y * STATE_STRIDE + SSM_AT + i;
  var h = state[own];
  for (var c = range.z; c < range.w; c++) {
    let at = c * HEADS * HEAD_STATE + i;
    let added = states[at];
    states[at] = h;
    h = h * exp(cum_a[(c * HEADS + k) * CHUNK + CHUNK - 1u]) + added;
  }
  state[own] = h;
}
