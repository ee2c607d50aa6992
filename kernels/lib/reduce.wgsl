// reduce: sums over the threads of a workgroup, or over runs of them; joined in front of kernels that need them.
//   thread_number: the calling thread's, 0 to WG - 1;   workgroup_sum: sum over all threads, for every thread;   lanes_sum: sum over a run of `lanes` threads, for its first thread
// Source: any tree reduction; lib/reduce_subgroups.wgsl is the same where the device has subgroups of one size.
// Bindings: none.
// Overrides: WG, power of two. Every thread calls the sums, with its number, in uniform control flow.
// Numerics: f32.
override WG: u32;
struct Thread { @builtin(local_invocation_index) index: u32 }
var<workgroup> partial: array<f32, WG>;

fn thread_number(thread: Thread) -> u32 { return thread.index; }

fn workgroup_sum(value: f32, li: u32) -> f32 {
  partial[li] = value;
  workgroupBarrier();
  for (var step = WG / 2u; step > 0u; step /= 2u) {
    if (li < step) { partial[li] += partial[li + step]; }
    workgroupBarrier();
  }
  let sum = partial[0];
  workgroupBarrier();
  return sum;
}

fn lanes_sum(value: f32, li: u32, lanes: u32) -> f32 {
  partial[li] = value;
  workgroupBarrier();
  var sum = value;
  if (li % lanes == 0u) {
    for (var i = 1u; i < lanes; i++) { sum += partial[li + i]; }
  }
  return sum;
}
