// ssd_tile: sizes of the chunked Mamba-2 kernels and the product of two 64 x 16 tiles; joined in front of them.
//   sums[i,j] += sum_k left[k,i] right[k,j]
// Source: Mamba-2 paper, section 6; upstream's Triton kernels tile the same products.
// Bindings: none. Layouts: xbc [L, X | B | C] after convolution; chunk arrays [chunks, HEADS, 64]; states [.., HEADS, D_STATE, HEAD_DIM].
// Overrides: HEADS, HEAD_DIM, D_STATE, GROUPS. 256 threads: thread (tx, ty) has rows ty + 16 a and columns tx + 16 b.
// Numerics: f32.
struct Pass { seq_len: u32 }
override HEADS: u32;
override HEAD_DIM: u32;
override D_STATE: u32;
override GROUPS: u32 = 1u;
const CHUNK = 64u;
const STEP = 16u;
var<workgroup> left: array<f32, 1024>;
var<workgroup> right: array<f32, 1024>;

fn xbc_stride() -> u32 { return HEADS * HEAD_DIM + 2u * GROUPS * D_STATE; }
fn group_of(head: u32) -> u32 { return head * GROUPS / HEADS; }
fn b_from(group: u32) -> u32 { return HEADS * HEAD_DIM + group * D_STATE; }
fn c_from(group: u32) -> u32 { return HEADS * HEAD_DIM + (GROUPS + group) * D_STATE; }

fn add_tiles(sums: ptr<function, array<vec4f, 4>>, tx: u32, ty: u32) {
  for (var k = 0u; k < STEP; k++) {
    let o = k * 64u;
    let r = vec4f(right[o + tx], right[o + tx + 16u], right[o + tx + 32u], right[o + tx + 48u]);
    (*sums)[0] += left[o + ty] * r;
    (*sums)[1] += left[o + ty + 16u] * r;
    (*sums)[2] += left[o + ty + 32u] * r;
    (*sums)[3] += left[o + ty + 48u] * r;
  }
}
