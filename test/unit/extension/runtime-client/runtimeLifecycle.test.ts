import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RuntimeClient } from '../../../../extension/runtime-client/runtimeClient';
import { NEVER, PARAMETERS, settle, startClient } from '../support/startClient';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  // A client that has been disposed of owns no timer.
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('a runtime that dies', () => {
  it('fails what was with it and comes back', async () => {
    const { client, port, ports, states } = startClient();
    port().initialized();
    await client.whenReady();
    const outcome = client.complete(PARAMETERS, NEVER);
    await settle();
    port().exit('signal SIGKILL');
    expect(await outcome).toMatchObject({ kind: 'failed', error: { code: 'runtimeExited' } });
    expect(client.health.state).toBe('starting');
    await vi.advanceTimersByTimeAsync(250);
    expect(ports).toHaveLength(2);
    port().initialized();
    await client.whenReady();
    expect(client.processId).toBe(1001);
    expect(states).toEqual(['starting', 'ready', 'starting', 'starting', 'ready']);
    client.dispose();
  });

  it('is started again with doubling delays, then given up', async () => {
    const { client, port, ports } = startClient();
    const delays: number[] = [];
    while (client.health.state === 'starting') {
      const count = ports.length;
      port().exit('code 1');
      let waitedMs = 0;
      while (client.health.state === 'starting' && ports.length === count) {
        await vi.advanceTimersByTimeAsync(250);
        waitedMs += 250;
      }
      if (ports.length > count) delays.push(waitedMs);
    }
    expect(delays).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000]);
    expect(client.health).toMatchObject({ state: 'failed', error: { code: 'runtimeExited' } });

    void client.restart();
    expect(client.health.state).toBe('starting');
    expect(ports).toHaveLength(10);
    port().initialized();
    await client.whenReady();
    client.dispose();
  });

  it('is forgiven earlier deaths after a minute of health', async () => {
    const { client, port, ports } = startClient();
    for (let death = 0; death < 20; death++) {
      port().initialized();
      await client.whenReady();
      await vi.advanceTimersByTimeAsync(61_000);
      const count = ports.length;
      port().exit('code 1');
      await vi.advanceTimersByTimeAsync(250);
      expect(ports).toHaveLength(count + 1);
    }
    client.dispose();
  });

  it('is replaced when it has lost its device', async () => {
    const { client, port, ports } = startClient();
    port().initialized();
    await client.whenReady();
    const outcome = client.complete(PARAMETERS, NEVER);
    await settle();
    port().receive({ kind: 'failed', requestId: 2, code: 'deviceLost', message: 'gone' });
    expect(await outcome).toMatchObject({ kind: 'failed', error: { code: 'deviceLost' } });
    await vi.advanceTimersByTimeAsync(250);
    expect(ports).toHaveLength(2);
    expect(ports[0].kinds().at(-1)).toBe('shutdown');
    client.dispose();
  });

  it('that cannot even be started is retried', async () => {
    const { client, options, ports } = startClient();
    client.dispose();
    let attempts = 0;
    const failing = new RuntimeClient({
      ...options,
      startProcess: () => {
        attempts++;
        if (attempts < 3) throw new Error('EAGAIN');
        return options.startProcess();
      },
    });
    failing.start();
    await vi.advanceTimersByTimeAsync(750);
    expect(attempts).toBe(3);
    ports[ports.length - 1].initialized();
    await failing.whenReady();
    failing.dispose();
  });
});

describe('the end', () => {
  it('asks the process to end', async () => {
    const { client, port } = startClient();
    port().initialized();
    await client.whenReady();
    await client.stop();
    expect(port().kinds()).toEqual(['initialize', 'shutdown']);
    expect(port().calls).toEqual([]);
    expect(client.health.state).toBe('stopped');
    expect(client.processId).toBeUndefined();
    expect(await client.complete(PARAMETERS, NEVER)).toMatchObject({ kind: 'failed' });
    client.dispose();
  });

  it('kills a process that does not end by itself', async () => {
    const { client, port } = startClient();
    port().initialized();
    await client.whenReady();
    port().endsOnShutdown = false;
    const stopped = client.stop();
    await vi.advanceTimersByTimeAsync(2_000);
    await stopped;
    expect(port().calls).toEqual(['disconnect', 'kill']);
    client.dispose();
  });

  it('does not restart what was stopped, and starts again when told', async () => {
    const { client, ports } = startClient();
    await client.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ports).toHaveLength(1);
    client.start();
    client.start();
    expect(ports).toHaveLength(2);
    client.dispose();
  });

  it('lets waiting requests go', async () => {
    const { client } = startClient();
    const outcome = client.complete(PARAMETERS, NEVER);
    client.dispose();
    expect(await outcome).toMatchObject({ kind: 'failed', error: { code: 'runtimeExited' } });
  });
});
