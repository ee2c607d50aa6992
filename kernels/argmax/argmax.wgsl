// argmax: the most probable token and its log-probability; becomes the next step's input and the next entry of the ring of ids.
//   t = argmax_v logits[v], the lowest among equals;   log p = -log sum_v exp(logits[v] - logits[t])
// Source: model-runtime/sampling/sample.ts, temperature 0.
// Bindings: 0 logits [V], read in fours · 1 token [1] write · 2 ring: count, then pairs (id, bits of log p), read_write
// Overrides: V; WG of lib/reduce.wgsl. Dispatch: 1 workgroup.
// Numerics: f32; the sum in WG parts.
override V: u32;
@group(0) @binding(0) var<storage, read> logits: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> token: array<u32>;
@group(0) @binding(2) var<storage, read_write> ring: array<u32>;
var<workgroup> best: array<f32, WG>;
var<workgroup> best_id: array<u32, WG>;

@compute @workgroup_size(WG)
fn argmax(thread: Thread) {
  let li = thread_number(thread);
  // Threads beyond the vocabulary repeat its first token.
  var value = logits[0].x;
  var id = 0u;
  for (var i = li; i < (V + 3u) / 4u; i += WG) {
    let four = logits[i];
    for (var j = 0u; j < 4u; j++) {
      if (four[j] > value && 4u * i + j < V) { value = four[j]; id = 4u * i + j; }
    }
  }
  best[li] = value;
  best_id[li] = id;
  workgroupBarrier();
  for (var step = WG / 2u; step > 0u; step /= 2u) {
    if (li < step) {
      let other = best[li + step];
      if (other > best[li] || (other == best[li] && best_id[li + step] < best_id[li])) {
        best[li] = other;
        best_id[li] = best_id[li + step];
      }
    }
    workgroupBarrier();
  }
  let largest = best[0];
  let winner = best_id[0];
  var sum = 0.0;
  for (var i = li; i < (V + 3u) / 4u; i += WG) {
    let four = logits[i];
    for (var j = 0u; j < 4u; j++) {
      if (4u * i + j < V) { sum += exp(four[j] - largest); }
    }
  }
  let total = workgroup_sum(sum, li);
  if (li == 0u) {
    let count = ring[0];
    token[0] = winner;
    ring[1u + 2u * count] = winner;
    ring[2u + 2u * count] = bitcast<u32>(-log(total));
    ring[0] = count + 1u;
  }
}
