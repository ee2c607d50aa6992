import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RelatedFileLists } from '../../../../extension/runtime-client/relatedFileLists';
import type { FakePort } from '../support/fakePort';
import { initialized } from '../support/fakePort';
import { settle, startClient } from '../support/startClient';

const A = 'file:///a.ts';
const LIST = { files: [{ path: 'b.ts', text: 'export const b = 1;\n' }], mostTokens: 2000 };
const NONE = { files: [], mostTokens: 0 };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

async function ready(start: ReturnType<typeof startClient>): Promise<void> {
  start.port().initialized();
  await settle();
}

const listsSent = ({ sent }: FakePort) =>
  sent.filter(({ kind }) => kind === 'relateFiles').map((message) => ({ ...message }));

async function setUp() {
  const start = startClient();
  const lists = new RelatedFileLists(start.client);
  await ready(start);
  return { ...start, start, lists };
}

it('sends a list once, and no list to one that has none', async () => {
  const { lists, port, client } = await setUp();
  lists.tell(A, NONE);
  lists.tell(A, LIST);
  lists.tell(A, LIST);
  expect(listsSent(port())).toEqual([{ kind: 'relateFiles', documentId: A, ...LIST }]);
  client.dispose();
});

it('takes a list back after the runtime has changed its engine', async () => {
  const { lists, port, client } = await setUp();
  lists.tell(A, LIST);
  const { engine } = initialized(1);
  port().receive({ kind: 'engineChanged', requestId: 1, engine: { ...engine, device: 'Other' } });
  expect(client.health).toMatchObject({ state: 'ready', engine: { device: 'Other' } });
  lists.tell(A, NONE);
  expect(listsSent(port()).map((each) => 'files' in each && each.files.length)).toEqual([1, 0]);
  client.dispose();
});

it('takes a list back when its document is closed', async () => {
  const { lists, port, client } = await setUp();
  lists.forget(A);
  lists.tell(A, LIST);
  lists.forget(A);
  lists.tell(A, NONE);
  expect(listsSent(port()).map((each) => 'files' in each && each.files.length)).toEqual([1, 0]);
  client.dispose();
});

it('tells a new process what the last one had been told', async () => {
  const { lists, start, ports, client } = await setUp();
  lists.tell(A, LIST);
  ports[0].exit('signal SIGKILL');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ports).toHaveLength(2);
  await ready(start);
  lists.tell(A, LIST);
  expect(listsSent(ports[1])).toHaveLength(1);
  client.dispose();
});

it('does not take for told what was said while no runtime was ready', async () => {
  const start = startClient();
  const lists = new RelatedFileLists(start.client);
  lists.tell(A, LIST);
  await ready(start);
  lists.tell(A, LIST);
  expect(listsSent(start.port())).toHaveLength(1);
  start.client.dispose();
});
