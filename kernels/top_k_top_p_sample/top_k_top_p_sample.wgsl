// top_k_top_p_sample: draws a token from the most probable ones; it becomes the next step's input and the next entry of the ring of ids.
//   w[v] = exp((logits[v] - max) / T), by falling w, equals by rising id: the first top_k, of them the fewest whose sum reaches top_p of theirs; the first of these at which the running sum exceeds u times their sum
// Source: model-runtime/sampling/sample.ts; nucleus sampling, arXiv 1904.09751. Nothing is sorted: places in the order are found bit by bit, as in a radix select.
// Bindings: 0 logits [V], read in fours · 1 token [1] write · 2 ring: count, then pairs (id, bits of log p at T = 1), read_write · 3 sampler: T, top_p, top_k (0 keeps all), then a uniform number u in [0, 1) for each entry of the ring
// Overrides: V; WG of lib/reduce.wgsl. Dispatch: 1 workgroup.
// Numerics: f32, sums in WG parts: u within 1e-6 of a boundary may fall on its other side.
override V: u32;
@group(0) @binding(0) var<storage, read> logits: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> token: array<u32>;
@group(0) @binding(2) var<storage, read_write> ring: array<u32>;
@group(0) @binding(3) var<storage, read> sampler_values: array<f32>;
var<workgroup> counts: array<u32, WG>;
var<workgroup> largest_of: array<f32, WG>;
var<workgroup> drawn: u32;
var<private> largest: f32;
// Tokens above `floor_key` may be drawn, and the first `floor_count` of those at it.
var<private> floor_key: u32;
var<private> floor_count: f32;

// A number's place in the order, as an unsigned one.
fn key_of(value: f32) -> u32 {
  let bits = bitcast<u32>(value);
  return select(bits | 0x80000000u, ~bits, bits >= 0x80000000u);
}

fn weight_of(value: f32) -> f32 { return exp((value - largest) / sampler_values[0]); }

fn weight_at(key: u32) -> f32 {
  return weight_of(bitcast<f32>(select(~key, key & 0x7fffffffu, key >= 0x80000000u)));
}

// The sum of the weights, or the count, of the tokens that may be drawn and are at `key` or above.
fn mass_from(key: u32, is_count: bool, li: u32) -> f32 {
  var sum = 0.0;
  for (var i = li; i < (V + 3u) / 4u; i += WG) {
    let four = logits[i];
    for (var j = 0u; j < 4u; j++) {
      let its_key = key_of(four[j]);
      if (4u * i + j < V && its_key >= key && its_key > floor_key) { sum += select(weight_of(four[j]), 1.0, is_count); }
    }
  }
  let mass = workgroup_sum(sum, li);
  if (key > floor_key || floor_count == 0.0) { return mass; }
  return mass + floor_count * select(weight_at(floor_key), 1.0, is_count);
}

// The largest key from which the mass reaches `target`, or exceeds it.
fn key_reaching(target_mass: f32, is_count: bool, exceeds: bool, li: u32) -> u32 {
  var key = 0u;
  for (var bit = 0x80000000u; bit > 0u; bit /= 2u) {
    let mass = mass_from(key | bit, is_count, li);
    if (mass > target_mass || (mass == target_mass && !exceeds)) { key |= bit; }
  }
  return key;
}

// How many tokens at `key` may be drawn.
fn count_at(key: u32, li: u32) -> f32 { return mass_from(key, true, li) - mass_from(key + 1u, true, li); }

// The id of tie number `place` at `key`: each thread has a run of ids.
fn id_of_tie(key: u32, place: u32, li: u32) -> u32 {
  let width = (V + WG - 1u) / WG;
  let first = li * width;
  var count = 0u;
  for (var id = first; id < min(first + width, V); id++) {
    if (key_of(logits[id / 4u][id & 3u]) == key) { count++; }
  }
  counts[li] = count;
  if (li == 0u) { drawn = 0u; }
  workgroupBarrier();
  var before = 0u;
  for (var i = 0u; i < li; i++) { before += counts[i]; }
  if (before <= place && place < before + count) {
    for (var id = first; id < min(first + width, V); id++) {
      if (key_of(logits[id / 4u][id & 3u]) == key) {
        if (before == place) { drawn = id; }
        before++;
      }
    }
  }
  workgroupBarrier();
  return drawn;
}

fn largest_logit(li: u32) -> f32 {
  var value = logits[0].x;
  for (var i = li; i < (V + 3u) / 4u; i += WG) {
    let four = logits[i];
    for (var j = 0u; j < 4u; j++) {
      if (4u * i + j < V) { value = max(value, four[j]); }
    }
  }
  largest_of[li] = value;
  workgroupBarrier();
  for (var step = WG / 2u; step > 0u; step /= 2u) {
    if (li < step) { largest_of[li] = max(largest_of[li], largest_of[li + step]); }
    workgroupBarrier();
  }
  return largest_of[0];
}

@compute @workgroup_size(WG)
fn top_k_top_p_sample(thread: Thread) {
  let li = thread_number(thread);
  largest = largest_logit(li);
  let top_p = sampler_values[1];
  let top_k = sampler_values[2];
  if (top_k > 0.0 && top_k < f32(V)) {
    let key = key_reaching(top_k, true, false, li);
    let above = mass_from(key + 1u, true, li);
    floor_key = key;
    floor_count = top_k - above;
  }
  let total = mass_from(0u, false, li);
  var kept = total;
  if (top_p < 1.0) {
    let key = key_reaching(top_p * total, false, false, li);
    let above = mass_from(key + 1u, false, li);
    let ties = count_at(key, li);
    floor_count = clamp(ceil((top_p * total - above) / weight_at(key)), 1.0, ties);
    floor_key = key;
    kept = above + floor_count * weight_at(key);
  }
  let count = ring[0];
  // Less than what is there, however the sums were rounded.
  let wanted = min(sampler_values[3u + count] * kept, 0.9999998 * mass_from(0u, false, li));
  let key = key_reaching(wanted, false, true, li);
  let above = mass_from(key + 1u, false, li);
  let place = clamp(floor((wanted - above) / weight_at(key)), 0.0, count_at(key, li) - 1.0);
  let id = id_of_tie(key, u32(place), li);
  var sum = 0.0;
  for (var i = li; i < (V + 3u) / 4u; i += WG) {
    let four = logits[i];
    for (var j = 0u; j < 4u; j++) {
      if (4u * i + j < V) { sum += exp(four[j] - largest); }
    }
  }
  let all = workgroup_sum(sum, li);
  if (li == 0u) {
    token[0] = id;
    ring[1u + 2u * count] = id;
    ring[2u + 2u * count] = bitcast<u32>(logits[id / 4u][id & 3u] - largest - log(all));
    ring[0] = count + 1u;
  }
}
