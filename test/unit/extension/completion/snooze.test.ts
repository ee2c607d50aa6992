import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Snooze } from '../../../../extension/completion/snooze';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('ends by itself and says so', () => {
  const snooze = new Snooze();
  const changes = vi.fn();
  snooze.onChange(changes);
  snooze.start(60_000);
  expect(snooze.until?.getTime()).toBe(Date.now() + 60_000);
  vi.advanceTimersByTime(59_999);
  expect(snooze.until).toBeDefined();
  vi.advanceTimersByTime(1);
  expect(snooze.until).toBeUndefined();
  expect(changes).toHaveBeenCalledTimes(2);
});

it('takes the newest length, and ends early when asked', () => {
  const snooze = new Snooze();
  snooze.start(1000);
  snooze.start(5000);
  vi.advanceTimersByTime(2000);
  expect(snooze.until).toBeDefined();
  snooze.end();
  expect(snooze.until).toBeUndefined();
  expect(vi.getTimerCount()).toBe(0);
});

it('leaves no timer behind', () => {
  const snooze = new Snooze();
  snooze.start(1000);
  snooze.dispose();
  expect(vi.getTimerCount()).toBe(0);
});
