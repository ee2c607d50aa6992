/** `2^(e - 25)` for each exponent field e of an IEEE binary16 number: the unit of its 11-bit significand. */
const SIGNIFICAND_UNIT = Float64Array.from({ length: 31 }, (_, exponent) => 2 ** (exponent - 25));

/** Value of an IEEE 754 binary16 number given as its 16 bits; exact. */
export function decodeFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1024 + fraction) * SIGNIFICAND_UNIT[exponent];
}

/** Bits of the binary16 number nearest to `value`, ties to even; beyond the largest (65504) infinity. */
export function encodeFloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude >= 65520) return sign | 0x7c00;
  // Below 2^-14 the numbers are subnormal: their unit no longer shrinks.
  const exponent = Math.max(floorLog2(magnitude), -14);
  const significand = roundHalfToEven(magnitude / 2 ** (exponent - 10));
  // A significand of 1024 or more carries into the exponent field by itself.
  return sign | (((exponent + 14) << 10) + significand);
}

function floorLog2(value: number): number {
  const guess = Math.floor(Math.log2(value));
  // log2 may round across a power of two.
  if (2 ** guess > value) return guess - 1;
  return 2 ** (guess + 1) <= value ? guess + 1 : guess;
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
