// peaks: what the device's arithmetic and memory give to kernels that do nothing else.
//   peak_fma: 8 independent fours, multiplied and added;   peak_read: every 16 bytes of a buffer once
// Source: the usual way to find a roofline's edges.
// Bindings: 0 data [COUNT] of 16 bytes · 1 out, written so that nothing is left out
// Overrides: COUNT. Dispatch: THREADS / 256 workgroups of 256 threads.
// Numerics: without meaning.
override COUNT: u32;
const ROUNDS = 1024u;
@group(0) @binding(0) var<storage, read> data: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(256)
fn peak_fma(@builtin(global_invocation_id) id: vec3u) {
  let a = data[id.x & 255u];
  let b = data[256u + (id.x & 255u)];
  var s0 = a; var s1 = a + 1.0; var s2 = a + 2.0; var s3 = a + 3.0;
  var s4 = a + 4.0; var s5 = a + 5.0; var s6 = a + 6.0; var s7 = a + 7.0;
  for (var i = 0u; i < ROUNDS; i++) {
    s0 = fma(s0, a, b); s1 = fma(s1, a, b); s2 = fma(s2, a, b); s3 = fma(s3, a, b);
    s4 = fma(s4, a, b); s5 = fma(s5, a, b); s6 = fma(s6, a, b); s7 = fma(s7, a, b);
  }
  let sum = dot(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7, vec4f(1.0));
  if (sum == 12345.0) { out[0] = sum; }
}

@compute @workgroup_size(256)
fn peak_read(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  var sum = vec4f();
  for (var i = id.x; i < COUNT; i += groups.x * 256u) { sum += data[i]; }
  if (dot(sum, vec4f(1.0)) == 12345.0) { out[0] = sum.x; }
}
