import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { forkRuntime } from '../../../../extension/runtime-client/forkRuntime';
import { RuntimeClient } from '../../../../extension/runtime-client/runtimeClient';
import { RuntimeProcess } from '../../../../extension/runtime-client/runtimeProcess';
import { initialized } from '../support/fakePort';
import { recordingLogger } from '../support/logs';

const PARENT_ENVIRONMENT = {
  PATH: '/bin',
  NODE_OPTIONS: '--no-such-option',
  VSCODE_PID: '1',
  ELECTRON_RUN_AS_NODE: '1',
};

let folder: string;
let script: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'runtime-process-'));
  script = path.join(folder, 'child.js');
  // Answers the handshake, tells its environment, and dies when asked to complete the text «die».
  writeFileSync(
    script,
    `const answer = ${JSON.stringify(initialized(0))};
     console.error('runtime.load: reading');
     process.on('message', (message) => {
       if (message.kind === 'initialize') {
         const name = Object.keys(process.env).sort().join(',');
         process.send({ ...answer, requestId: message.requestId, model: { ...answer.model, name } });
       } else if (message.kind === 'complete' && message.documentId === 'die') {
         process.exit(7);
       } else if (message.kind === 'complete') {
         process.disconnect();
         setInterval(() => {}, 1000);
       } else if (message.kind === 'shutdown') process.exit(0);
     });
     process.on('disconnect', () => {});`,
  );
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function startClient(nodePath: string) {
  const log = recordingLogger();
  const client = new RuntimeClient({
    logger: log,
    startProcess: () => {
      const node = { path: nodePath, isBundled: true };
      return new RuntimeProcess(forkRuntime(script, node, PARENT_ENVIRONMENT), log);
    },
    initializeOptions: () => ({
      modelFolder: '',
      engine: 'auto',
      threads: 0,
      weights: 'int8',
      stateBudgetBytes: 0,
    }),
  });
  client.start();
  return { client, log };
}

const request = (documentId: string) => ({
  documentId,
  version: 1,
  lineCount: 1,
  position: { line: 0, character: 0 },
  contextCharacters: 6000,
  maxReadTokens: 128,
  shape: 'line' as const,
  maxTokens: 1,
  maxLines: 1,
  temperature: 0,
  topP: 1,
});
const NEVER = new AbortController().signal;

it('runs a real process, survives its death, and ends it', async () => {
  const { client, log } = startClient(process.execPath);
  await client.whenReady();
  const first = client.processId;
  expect(first).toBeGreaterThan(0);

  const outcome = await client.complete(request('die'), NEVER);
  expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'runtimeExited' } });
  expect(outcome.kind === 'failed' && outcome.error.message).toContain('code 7');
  await client.whenReady();
  expect(client.processId).not.toBe(first);
  expect(log.lines).toContain('info: runtime.load: reading');

  await client.stop();
  expect(client.processId).toBeUndefined();
  client.dispose();
});

it('passes on only the environment that the runtime needs', async () => {
  const { client } = startClient(process.execPath);
  await client.whenReady();
  const names = client.health.state === 'ready' ? client.health.model.name.split(',') : [];
  expect(names).toContain('PATH');
  for (const name of ['NODE_OPTIONS', 'VSCODE_PID', 'ELECTRON_RUN_AS_NODE']) {
    expect(names).not.toContain(name);
  }
  await client.stop();
  client.dispose();
});

it('ends a process that has closed the channel but lives on', async () => {
  const { client } = startClient(process.execPath);
  await client.whenReady();
  const outcome = await client.complete(request('disconnect'), NEVER);
  expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'runtimeExited' } });
  await client.stop();
  client.dispose();
});

it('reports a binary that does not exist as an end, not as an exception', async () => {
  const { client } = startClient(path.join(folder, 'no-such-node'));
  const health = await new Promise<unknown>((resolve) => {
    client.onHealthChange(resolve);
  });
  expect(health).toMatchObject({ state: 'starting', lastError: { code: 'runtimeExited' } });
  client.dispose();
});
