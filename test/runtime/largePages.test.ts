import { expect, it } from 'vitest';
import { givesLargePages } from '../../model-runtime/engines/cpu/largePages';
import { MemoryArea } from '../../model-runtime/engines/cpu/memoryArea';
import { bytesAskedLarge } from '../support/largePages';

const MEGABYTE = 2 ** 20;

it.runIf(givesLargePages())('asks for large pages, for what it grows by too', () => {
  const before = bytesAskedLarge('self');
  const area = new MemoryArea();
  const initial = area.memory.buffer.byteLength;
  for (const megabytes of [1, 128, 128]) {
    area.allocate(megabytes * MEGABYTE);
    expect(bytesAskedLarge('self') - before).toBe(area.memory.buffer.byteLength - initial);
  }
});

it.runIf(givesLargePages())('leaves out what small pages are wanted for', () => {
  const area = new MemoryArea();
  area.allocate(32 * MEGABYTE);
  const before = bytesAskedLarge('self');
  const start = area.allocate(16 * MEGABYTE);
  area.useSmallPages(start);
  const small = before - bytesAskedLarge('self');
  expect(small).toBeGreaterThan(15 * MEGABYTE);
  expect(small).toBeLessThanOrEqual(16 * MEGABYTE);
});
