import { vi } from 'vitest';
import { RuntimeClient } from '../../../../extension/runtime-client/runtimeClient';
import { FakePort } from './fakePort';
import { recordingLogger } from './logs';

export const PARAMETERS = {
  documentId: 'file:///a.ts',
  version: 1,
  lineCount: 1,
  position: { line: 0, character: 10 },
  contextCharacters: 6000,
  maxReadTokens: 128,
  shape: 'line' as const,
  maxTokens: 64,
  maxLines: 4,
  temperature: 0,
  topP: 1,
};
export const NEVER = new AbortController().signal;

/** A client whose processes are `ports`. */
export function startClient() {
  const ports: FakePort[] = [];
  const log = recordingLogger();
  const options = {
    logger: log,
    startProcess: () => {
      const port = new FakePort(1000 + ports.length);
      ports.push(port);
      return port;
    },
    initializeOptions: () => ({
      modelFolder: '/models/one',
      engine: 'auto' as const,
      threads: 0,
      weights: 'int8' as const,
      stateBudgetBytes: 1e6,
    }),
  };
  const client = new RuntimeClient(options);
  const states: string[] = [];
  client.onHealthChange(({ state }) => states.push(state));
  client.start();
  return { client, ports, states, log, options, port: () => ports[ports.length - 1] };
}

/** Lets what waits for promises run, without moving the clock. */
export const settle = () => vi.advanceTimersByTimeAsync(0);
