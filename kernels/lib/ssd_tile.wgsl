// ssd_tile: sizes of the chunked Mamba-2 kernels, their input, and the product of two 64 x 16 tiles; joined in front of them.
//   sums[i,j] += sum_k left[k,i] right[k,j]
// Source: Mamba-2 paper, section 6; upstream's Triton kernels tile the same products.
// Bindings: 0 xbc [L, X | B | C] after convolution. Layouts: chunk arrays [chunks, HEADS, 64]; states [.., HEADS, D_STATE, HEAD_DIM].
// Overrides: HEADS, HEAD_DIM, D_STATE, GROUPS. 256 threads: thread (tx, ty) has the four rows from 4 ty and the four columns from 4 tx.
// Numerics: f32.
override HEADS: u32;
override HEAD_DIM: u32;
override D_STATE: u32;
override GROUPS: u32 = 1u;
const STEP = 16u;
// A row of 16 fours and one to spare, so that neighbours that write different rows use different banks.
const TILE_ROW = 17u;
@group(0) @binding(0) var<storage, read> xbc: array<f32>;
var<workgroup> left: array<vec4f, 272>;
var<workgroup> right: array<vec4f, 272>;

fn xbc_stride() -> u32 { return HEADS * HEAD_DIM + 2u * GROUPS * D_STATE; }
fn group_of(head: u32) -> u32 { return head * GROUPS / HEADS; }
fn b_from(group: u32) -> u32 { return HEADS * HEAD_DIM + group * D_STATE; }
fn c_from(group: u32) -> u32 { return HEADS * HEAD_DIM + (GROUPS + group) * D_STATE; }

// Four neighbours of a token's columns `first` to `first + width - 1`, beginning with number `at`; 0 beyond them and from token `end` on.
fn four_columns(token: u32, end: u32, first: u32, at: u32, width: u32) -> vec4f {
  var four = vec4f();
  if (token < end) {
    let i = token * xbc_stride() + first + at;
    for (var j = 0u; j < 4u; j++) {
      if (at + j < width) { four[j] = xbc[i + j]; }
    }
  }
  return four;
}

// One column of four tokens; 0 from token `end` on.
fn four_tokens(token: u32, end: u32, column: u32) -> vec4f {
  var four = vec4f();
  for (var j = 0u; j < 4u; j++) {
    if (token + j < end) { four[j] = xbc[(token + j) * xbc_stride() + column]; }
  }
  return four;
}

fn add_tiles(sums: ptr<function, array<vec4f, 4>>, tx: u32, ty: u32) {
  for (var k = 0u; k < STEP; k++) {
    let l = left[k * TILE_ROW + ty];
    let r = right[k * TILE_ROW + tx];
    (*sums)[0] += l.x * r;
    (*sums)[1] += l.y * r;
    (*sums)[2] += l.z * r;
    (*sums)[3] += l.w * r;
  }
}
