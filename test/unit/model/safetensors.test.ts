import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSafetensors } from '../../../model-runtime/model/safetensors';
import { RuntimeError } from '../../../model-runtime/protocol/errors';

type Header = Record<string, unknown>;

function fileWith(header: Header | string, dataBytes: number, claimedLength?: bigint): Uint8Array {
  const text = typeof header === 'string' ? header : JSON.stringify(header);
  const json = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, claimedLength ?? BigInt(json.length), true);
  bytes.set(json, 8);
  for (let i = 0; i < dataBytes; i++) bytes[8 + json.length + i] = i;
  return bytes;
}

const f32 = (shape: number[], begin: number, end: number) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

test('finds tensors by name as views into the file', () => {
  const file = fileWith(
    {
      __metadata__: { anything: 'goes' },
      second: { dtype: 'I8', shape: [3], data_offsets: [8, 11] },
      first: f32([2, 1], 0, 8),
      empty: { dtype: 'F16', shape: [0, 7], data_offsets: [8, 8] },
    },
    11,
  );
  const tensors = parseSafetensors(file, 'x');
  expect([...tensors.keys()].sort()).toEqual(['empty', 'first', 'second']);
  expect(tensors.get('first')).toMatchObject({ dtype: 'F32', shape: [2, 1] });
  const second = tensors.get('second');
  expect([...(second?.bytes ?? [])]).toEqual([8, 9, 10]);
  expect(second?.bytes.buffer).toBe(file.buffer);
});

describe('refuses', () => {
  const good = { a: f32([2], 0, 8), b: f32([1], 8, 12) };
  test.each<[string, Uint8Array, RegExp]>([
    ['an empty file', new Uint8Array(0), /too short/],
    ['a file of seven bytes', new Uint8Array(7), /too short/],
    ['a header longer than the file', fileWith(good, 12, 1000n), /header of 1000 bytes/],
    [
      'a header of 2^64 - 1 bytes',
      fileWith(good, 12, 2n ** 64n - 1n),
      /header of 18446744073709551615/,
    ],
    ['a header that is not JSON', fileWith('{"a":', 0), /not JSON/],
    ['a header that is not an object', fileWith('[1]', 0), /Invalid type/],
    ['a header that is not UTF-8', Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0xff), /not UTF-8/],
    ['a missing shape', fileWith({ a: { dtype: 'F32', data_offsets: [0, 4] } }, 4), /shape/],
    ['a negative offset', fileWith({ a: f32([1], -4, 0) }, 0), /data_offsets/],
    ['a fractional extent', fileWith({ a: f32([0.5], 0, 2) }, 2), /shape/],
    ['an extent beyond exact integers', fileWith({ a: f32([2 ** 60], 0, 4) }, 4), /shape/],
    ['an unknown type', fileWith({ a: { ...f32([1], 0, 4), dtype: 'F8' } }, 4), /unknown type F8/],
    [
      'a type from the prototype',
      fileWith({ a: { ...f32([1], 0, 4), dtype: 'toString' } }, 4),
      /unknown type/,
    ],
    [
      'a size other than type and shape say',
      fileWith({ a: f32([3], 0, 8) }, 8),
      /8 bytes instead of 12/,
    ],
    ['an end before its begin', fileWith({ a: f32([1], 0, 4), b: f32([1], 4, 2) }, 4), /-2 bytes/],
    ['overlapping tensors', fileWith({ ...good, c: f32([1], 4, 8) }, 12), /overlaps/],
    ['two tensors in one place', fileWith({ a: f32([1], 0, 4), b: f32([1], 0, 4) }, 4), /overlaps/],
    ['a hole between tensors', fileWith({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12), /hole/],
    ['a tensor beyond the end', fileWith(good, 11), /beyond the end/],
    ['bytes after the last tensor', fileWith(good, 13), /belong to no tensor/],
  ])('%s', (_name, file, message) => {
    expect(codeAndMessage(file)).toMatchObject({ code: 'modelCorrupt' });
    expect(codeAndMessage(file).message).toMatch(message);
  });
});

function codeAndMessage(file: Uint8Array): RuntimeError {
  try {
    parseSafetensors(file, 'weights');
  } catch (error) {
    if (error instanceof RuntimeError) return error;
    throw error;
  }
  throw new Error('The file was accepted');
}

describe('any bytes are either read or refused as corrupt', () => {
  const outcome = (file: Uint8Array): number | string => {
    try {
      let total = 0;
      for (const { bytes } of parseSafetensors(file, 'fuzz').values()) total += bytes.length;
      return total;
    } catch (error) {
      if (error instanceof RuntimeError) return error.code;
      throw error;
    }
  };
  const valid = fileWith({ a: f32([2], 0, 8), b: f32([1], 8, 12) }, 12);

  test('random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(outcome(bytes)).toBe('modelCorrupt');
      }),
    );
  });

  test('a good file with one byte changed', () => {
    fc.assert(
      fc.property(fc.nat(valid.length - 1), fc.nat(255), (at, value) => {
        const bytes = valid.slice();
        bytes[at] = value;
        // Whatever is still accepted must account for every byte of the data.
        expect([12, 'modelCorrupt']).toContain(outcome(bytes));
      }),
      { numRuns: 500 },
    );
  });

  test('a good file cut short anywhere', () => {
    for (let length = 0; length < valid.length; length++) {
      expect(outcome(valid.subarray(0, length))).toBe('modelCorrupt');
    }
  });

  test('headers of random JSON', () => {
    const entry = fc.record({
      dtype: fc.constantFrom('F32', 'F16', 'I8', 'nope'),
      shape: fc.array(fc.nat(4), { maxLength: 3 }),
      data_offsets: fc.array(fc.nat(20), { minLength: 1, maxLength: 3 }),
    });
    const header = fc.dictionary(fc.string(), fc.oneof(entry, fc.jsonValue()), { maxKeys: 4 });
    fc.assert(
      fc.property(header, fc.nat(20), (entries, dataBytes) => {
        const result = outcome(fileWith(JSON.stringify(entries), dataBytes));
        if (typeof result === 'number') expect(result).toBe(dataBytes);
        else expect(result).toBe('modelCorrupt');
      }),
      { numRuns: 500 },
    );
  });
});
