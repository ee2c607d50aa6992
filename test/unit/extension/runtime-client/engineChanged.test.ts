import { expect, it, vi } from 'vitest';
import { RuntimeClient } from '../../../../extension/runtime-client/runtimeClient';
import { FakePort, initialized } from '../support/fakePort';
import { recordingLogger } from '../support/logs';

function clientOf(startProcess: () => FakePort): RuntimeClient {
  return new RuntimeClient({
    logger: recordingLogger(),
    startProcess,
    initializeOptions: () => ({
      modelFolder: '/models/one',
      engine: 'auto',
      threads: 0,
      weights: 'int8',
      stateBudgetBytes: 1e6,
    }),
  });
}

it('shows the engine that the runtime has changed to', async () => {
  const port = new FakePort(1);
  const client = clientOf(() => port);
  client.start();
  port.initialized();
  await client.whenReady();
  const { engine } = initialized(1);
  const gpu = { ...engine, name: 'webgpu' as const, device: 'A GPU', features: ['subgroups'] };
  const seen: string[] = [];
  client.onHealthChange((health) => {
    if (health.state === 'ready') seen.push(health.engine.device);
  });

  port.receive({ kind: 'engineChanged', requestId: 1, engine: gpu });

  expect(seen).toEqual(['A GPU']);
  expect(client.health).toMatchObject({ state: 'ready', engine: gpu });
  client.dispose();
});

it('keeps away from the GPU after a process that died, until the user starts it again', async () => {
  const ports: FakePort[] = [];
  const client = clientOf(() => {
    const port = new FakePort(ports.length + 1);
    ports.push(port);
    return port;
  });
  const avoided = () =>
    ports.map(({ sent }) => sent.map((message) => 'avoidsGpu' in message && message.avoidsGpu));
  client.start();
  ports[0].exit('signal SIGSEGV');
  await vi.waitUntil(() => ports.length === 2);
  void client.restart();
  await vi.waitUntil(() => ports.length === 3);
  expect(avoided().map(([first]) => first)).toEqual([false, true, false]);
  client.dispose();
});
