import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PROTOCOL_VERSION } from '../../../../model-runtime/protocol/version';
import { FIGURES, initialized } from '../support/fakePort';
import { NEVER, PARAMETERS, settle, startClient } from '../support/startClient';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  // A client that has been disposed of owns no timer.
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('handshake', () => {
  it('is ready when the runtime has answered', async () => {
    const { client, port, states } = startClient();
    expect(client.health.state).toBe('starting');
    expect(port().sent).toEqual([
      {
        kind: 'initialize',
        avoidsGpu: false,
        requestId: 1,
        protocolVersion: PROTOCOL_VERSION,
        modelFolder: '/models/one',
        engine: 'auto',
        threads: 0,
        weights: 'int8' as const,
        stateBudgetBytes: 1e6,
      },
    ]);
    port().initialized();
    await client.whenReady();
    expect(client.health).toMatchObject({ state: 'ready', loadMs: 400, engine: { threads: 2 } });
    expect(client.processId).toBe(1000);
    expect(states).toEqual(['starting', 'ready']);
    client.dispose();
  });

  it.each(['modelNotFound', 'modelCorrupt', 'engineUnavailable', 'protocolMismatch'] as const)(
    'fails for good on %s',
    async (code) => {
      const { client, port, ports } = startClient();
      port().receive({ kind: 'failed', requestId: 1, code, message: 'do this' });
      await vi.advanceTimersByTimeAsync(600_000);
      expect(ports).toHaveLength(1);
      expect(client.health).toMatchObject({ state: 'failed', error: { code, message: 'do this' } });
      await expect(client.whenReady()).rejects.toMatchObject({ code });
      const outcome = await client.complete(PARAMETERS, NEVER);
      expect(outcome).toMatchObject({ kind: 'failed', error: { code } });
      client.dispose();
    },
  );

  it('refuses a runtime of another protocol version, even when its answer looks different', async () => {
    for (const answer of [
      { ...initialized(1), protocolVersion: PROTOCOL_VERSION + 1 },
      {
        kind: 'initialized',
        requestId: 1,
        protocolVersion: PROTOCOL_VERSION + 1,
        somethingNew: true,
      },
    ]) {
      const { client, port } = startClient();
      port().receive(answer);
      await settle();
      expect(client.health).toMatchObject({
        state: 'failed',
        error: { code: 'protocolMismatch' },
      });
      client.dispose();
    }
  });

  it('tries again when the model does not load in time', async () => {
    const { client, ports } = startClient();
    await vi.advanceTimersByTimeAsync(601_000);
    expect(ports).toHaveLength(2);
    expect(client.health).toMatchObject({ state: 'starting', lastError: { code: 'internal' } });
    client.dispose();
  });
});

describe('requests', () => {
  async function readyClient() {
    const started = startClient();
    started.port().initialized();
    await started.client.whenReady();
    return started;
  }

  const completion = (requestId: number, text: string) => ({
    kind: 'completion',
    requestId,
    text,
    stopReason: 'endOfLine',
    meanLogProbability: -0.5,
    tokens: [],
    figures: FIGURES,
  });

  it('resolves with what the runtime generated', async () => {
    const { client, port } = await readyClient();
    const outcome = client.complete(PARAMETERS, NEVER);
    await settle();
    expect(port().sent.at(-1)).toEqual({ kind: 'complete', requestId: 2, ...PARAMETERS });
    port().receive(completion(2, '1;'));
    expect(await outcome).toEqual({
      kind: 'success',
      text: '1;',
      stopReason: 'endOfLine',
      meanLogProbability: -0.5,
      tokens: [],
      figures: FIGURES,
    });
    client.dispose();
  });

  it('tells an empty completion from a full one', async () => {
    const { client, port } = await readyClient();
    const outcome = client.complete(PARAMETERS, NEVER);
    await settle();
    port().receive(completion(2, ''));
    expect(await outcome).toEqual({ kind: 'empty', figures: FIGURES });
    client.dispose();
  });

  it('matches answers with requests by id, in any order', async () => {
    const { client, port } = await readyClient();
    const first = client.complete(PARAMETERS, NEVER);
    const second = client.complete(PARAMETERS, NEVER);
    await settle();
    port().receive(completion(3, 'second'));
    port().receive(completion(2, 'first'));
    expect(await first).toMatchObject({ text: 'first' });
    expect(await second).toMatchObject({ text: 'second' });
    client.dispose();
  });

  it('answers an aborted request at once and tells the runtime', async () => {
    const { client, port } = await readyClient();
    const controller = new AbortController();
    const outcome = client.complete(PARAMETERS, controller.signal);
    await settle();
    controller.abort();
    expect(await outcome).toEqual({ kind: 'canceled' });
    expect(port().sent.at(-1)).toEqual({ kind: 'cancel', requestId: 2 });
    port().receive({ kind: 'canceled', requestId: 2 });
    client.dispose();
  });

  it('sends nothing for a request that was aborted before', async () => {
    const { client, port } = await readyClient();
    expect(await client.complete(PARAMETERS, AbortSignal.abort())).toEqual({ kind: 'canceled' });
    expect(port().kinds()).toEqual(['initialize']);
    client.dispose();
  });

  it('kills a runtime that leaves a cancel unanswered, and starts another', async () => {
    const { client, port, ports } = await readyClient();
    const controller = new AbortController();
    void client.complete(PARAMETERS, controller.signal);
    await settle();
    controller.abort();
    await vi.advanceTimersByTimeAsync(59_000);
    expect(ports[0].calls).toEqual([]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(ports[0].calls).toEqual(['kill']);
    expect(ports).toHaveLength(2);
    port().initialized();
    client.dispose();
  });

  it('waits with a request until the runtime is ready', async () => {
    const { client, port } = startClient();
    const outcome = client.complete(PARAMETERS, NEVER);
    await settle();
    expect(port().kinds()).toEqual(['initialize']);
    port().initialized();
    await settle();
    port().receive(completion(2, 'later'));
    expect(await outcome).toMatchObject({ kind: 'success', text: 'later' });
    client.dispose();
  });

  it('lets go of a request that is aborted while it waits for the start', async () => {
    const { client, port } = startClient();
    const controller = new AbortController();
    const outcome = client.complete(PARAMETERS, controller.signal);
    controller.abort();
    expect(await outcome).toEqual({ kind: 'canceled' });
    port().initialized();
    await settle();
    expect(port().kinds()).toEqual(['initialize']);
    client.dispose();
  });

  it('logs messages it does not understand and goes on', async () => {
    const { client, port, log } = await readyClient();
    const outcome = client.complete(PARAMETERS, NEVER);
    await settle();
    for (const junk of [undefined, null, 'text', 7, {}, { kind: 'news' }, completion(99, 'x')]) {
      port().receive(junk);
    }
    expect(log.lines.filter((line) => line.startsWith('warn: runtime.receive'))).toHaveLength(6);
    port().receive(completion(2, 'fine'));
    expect(await outcome).toMatchObject({ text: 'fine' });
    client.dispose();
  });

  it('fails a request whose answer is malformed, instead of waiting for ever', async () => {
    const { client, port } = await readyClient();
    const outcome = client.complete(PARAMETERS, NEVER);
    await settle();
    port().receive({ ...completion(2, 'x'), text: 7 });
    expect(await outcome).toMatchObject({ kind: 'failed', error: { code: 'internal' } });
    client.dispose();
  });

  it('warms and closes documents', async () => {
    const { client, port } = await readyClient();
    const { documentId, version, lineCount, position, contextCharacters } = PARAMETERS;
    const place = { documentId, version, lineCount, position, contextCharacters };
    const outcome = client.warm(place, NEVER);
    await settle();
    port().receive({ kind: 'warmed', requestId: 2, prefilledTokens: 12 });
    expect(await outcome).toEqual({ kind: 'success', prefilledTokens: 12 });
    client.notify({ kind: 'closeDocument', documentId: 'd' });
    expect(port().sent.at(-1)).toEqual({ kind: 'closeDocument', documentId: 'd' });
    client.dispose();
  });
});

describe('documents', () => {
  it('tells the caller when the runtime needs the document again, and describes documents', async () => {
    const { client, port } = startClient();
    client.notify({ kind: 'closeDocument', documentId: 'd' });
    expect(await client.describeDocument('d')).toBeUndefined();
    port().initialized();
    await client.whenReady();
    const outcome = client.complete(PARAMETERS, NEVER);
    await settle();
    port().receive({ kind: 'resync', requestId: 2, documentId: PARAMETERS.documentId });
    expect(await outcome).toEqual({ kind: 'resync' });

    const described = client.describeDocument('d');
    await settle();
    expect(port().sent.at(-1)).toEqual({
      kind: 'describeDocument',
      requestId: 3,
      documentId: 'd',
    });
    port().receive({ kind: 'documentDescribed', requestId: 3 });
    expect(await described).toBeUndefined();
    expect(port().kinds()).not.toContain('closeDocument');
    client.dispose();
  });
});
