/** Significant numbers only: infinities and NaN do not occur in weights. */
const BIAS_DIFFERENCE = 127 - 15;

/**
 * Widens IEEE 754 half-precision bits to single precision, exactly.
 * `target` is as long as `halves`.
 */
export function widenHalves(halves: Uint16Array, target: Float32Array<ArrayBuffer>): void {
  const bits = new Uint32Array(target.buffer, target.byteOffset, target.length);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i] ?? 0;
    const magnitude = half & 0x7fff;
    if (magnitude < 0x400) {
      target[i] = (half & 0x8000 ? -magnitude : magnitude) * 2 ** -24;
    } else {
      bits[i] = ((half & 0x8000) << 16) | ((magnitude << 13) + (BIAS_DIFFERENCE << 23));
    }
  }
}
