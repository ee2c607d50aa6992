import { expect, it, vi } from 'vitest';
import { PowerState, readSystemPower } from '../../../../extension/vscode/powerState';
import { recordingLogger } from '../support/logs';

const BATTERY = { hasBattery: true, acConnected: false };
const MAINS = { hasBattery: true, acConnected: true };

function setUp(...readings: (typeof BATTERY | Error)[]) {
  let nowMs = 0;
  const read = vi.fn(() => {
    const [reading = MAINS] = readings.splice(0, 1);
    return reading instanceof Error ? Promise.reject(reading) : Promise.resolve(reading);
  });
  const power = new PowerState(read, recordingLogger(), () => nowMs);
  const look = async () => {
    const seen = power.onBattery;
    await Promise.resolve();
    await Promise.resolve();
    return seen;
  };
  return { power, read, look, wait: (ms: number) => (nowMs += ms) };
}

it('is known from the second look on, and told to who listens', async () => {
  const { power, look } = setUp(BATTERY);
  const changed = vi.fn();
  power.onChange(changed);
  expect(await look()).toBe(false);
  expect(changed).toHaveBeenCalledOnce();
  expect(await look()).toBe(true);
});

it('is asked for again after a minute, not before', async () => {
  const { read, look, wait } = setUp(BATTERY, MAINS);
  await look();
  wait(59_000);
  expect(await look()).toBe(true);
  expect(read).toHaveBeenCalledOnce();
  wait(1_000);
  await look();
  expect(await look()).toBe(false);
  expect(read).toHaveBeenCalledTimes(2);
});

it('counts as plugged in where there is no battery, or no answer', async () => {
  const { look, wait } = setUp(
    { hasBattery: false, acConnected: false },
    new Error('no such tool'),
  );
  await look();
  expect(await look()).toBe(false);
  wait(60_000);
  await look();
  expect(await look()).toBe(false);
});

it('is read from this system', async () => {
  const { hasBattery, acConnected } = await readSystemPower();
  expect([typeof hasBattery, typeof acConnected]).toEqual(['boolean', 'boolean']);
});
