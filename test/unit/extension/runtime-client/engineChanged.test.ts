import { expect, it } from 'vitest';
import { RuntimeClient } from '../../../../extension/runtime-client/runtimeClient';
import { FakePort, initialized } from '../support/fakePort';
import { recordingLogger } from '../support/logs';

it('shows the engine that the runtime has changed to', async () => {
  const port = new FakePort(1);
  const client = new RuntimeClient({
    logger: recordingLogger(),
    startProcess: () => port,
    initializeOptions: () => ({
      modelFolder: '/models/one',
      engine: 'auto',
      threads: 0,
      weights: 'int8',
      stateBudgetBytes: 1e6,
    }),
  });
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
