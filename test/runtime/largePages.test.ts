import { expect, it } from 'vitest';
import { givesLargePages } from '../../model-runtime/engines/cpu/largePages';
import { MemoryArea } from '../../model-runtime/engines/cpu/memoryArea';
import { bytesAskedLarge } from '../support/memoryMappings';

const MEGABYTE = 2 ** 20;

it.runIf(givesLargePages())('asks for large pages where nothing is sparse', async () => {
  const before = bytesAskedLarge('self');
  const asked = () => bytesAskedLarge('self') - before;
  const area = new MemoryArea();
  const dense = area.allocate(8 * MEGABYTE);
  area.uint8(dense, 8 * MEGABYTE).fill(7);
  const sparse = area.allocate(16 * MEGABYTE);
  area.markSparse(sparse);
  const late = area.allocate(8 * MEGABYTE);
  area.uint8(late, 8 * MEGABYTE).fill(9);
  expect(asked()).toBe(0);
  await area.useLargePages();
  const sparseBytes = area.memory.buffer.byteLength - asked();
  expect(sparseBytes).toBeGreaterThan(15.8 * MEGABYTE);
  expect(sparseBytes).toBeLessThan(16.2 * MEGABYTE);
  // What was written is as it was.
  expect(area.uint8(dense, 8 * MEGABYTE).every((byte) => byte === 7)).toBe(true);
  expect(area.uint8(late, 8 * MEGABYTE).every((byte) => byte === 9)).toBe(true);
  // What it grows by is asked for at once.
  const length = area.memory.buffer.byteLength;
  const grown = asked();
  area.allocate(128 * MEGABYTE);
  expect(asked() - grown).toBe(area.memory.buffer.byteLength - length);
});

it.runIf(givesLargePages())('goes on where it was given up', async () => {
  const area = new MemoryArea();
  const at = area.allocate(32 * MEGABYTE);
  area.uint8(at, 32 * MEGABYTE).fill(3);
  const given = new AbortController();
  setImmediate(() => given.abort(new Error('a key')));
  await expect(area.useLargePages(given.signal)).rejects.toThrow('a key');
  await area.useLargePages();
  expect(area.uint8(at, 32 * MEGABYTE).every((byte) => byte === 3)).toBe(true);
});
