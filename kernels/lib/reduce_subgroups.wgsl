enable subgroups;
// reduce_subgroups: lib/reduce.wgsl by subgroup operations, for devices whose subgroups all have SUBGROUP threads.
//   thread_number: the calling thread's, 0 to WG - 1;   workgroup_sum: sum over all threads, for every thread;   lanes_sum: sum over a run of `lanes` threads, for its first thread
// Source: WGSL, subgroup built-in functions; Vulkan, SubgroupLocalInvocationId. No specification says which threads by local_invocation_index are a
//   subgroup, so they are numbered subgroup by subgroup. That takes full ones, which drivers make of a WG that is a multiple of SUBGROUP in one
//   dimension (Vulkan promises it for SPIR-V 1.6).
// Bindings: none.
// Overrides: WG, SUBGROUP, powers of two, SUBGROUP <= WG. Every thread calls the sums, with its number, in uniform control flow.
// Numerics: f32.
override WG: u32;
override SUBGROUP: u32;
struct Thread { @builtin(subgroup_id) subgroup: u32, @builtin(subgroup_invocation_id) lane: u32 }
var<workgroup> partial: array<f32, WG>;

fn thread_number(thread: Thread) -> u32 { return thread.subgroup * SUBGROUP + thread.lane; }

fn workgroup_sum(value: f32, li: u32) -> f32 {
  let of_subgroup = subgroupAdd(value);
  if (li % SUBGROUP == 0u) { partial[li / SUBGROUP] = of_subgroup; }
  workgroupBarrier();
  var sum = partial[0];
  for (var i = 1u; i < WG / SUBGROUP; i++) { sum += partial[i]; }
  workgroupBarrier();
  return sum;
}

fn lanes_sum(value: f32, li: u32, lanes: u32) -> f32 {
  var sum = value;
  for (var mask = min(lanes, SUBGROUP) / 2u; mask > 0u; mask /= 2u) { sum += subgroupShuffleXor(sum, mask); }
  if (lanes <= SUBGROUP) { return sum; }
  if (li % SUBGROUP == 0u) { partial[li / SUBGROUP] = sum; }
  workgroupBarrier();
  if (li % lanes == 0u) {
    for (var i = 1u; i < lanes / SUBGROUP; i++) { sum += partial[li / SUBGROUP + i]; }
  }
  return sum;
}
