import { readFile, symlink, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCpuEngine } from '../../model-runtime/engines/cpu/cpuEngine';
import { createEngine, type LoadWeights } from '../../model-runtime/engines/createEngine';
import type { Engine } from '../../model-runtime/engines/engine';
import { createGpuEngine, isFaster } from '../../model-runtime/engines/fasterEngine';
import { RuntimeError } from '../../model-runtime/protocol/errors';
import type {
  EngineChangedMessage,
  EngineChoice,
  RuntimeMessage,
  WeightsChoice,
} from '../../model-runtime/protocol/messages';
import { PROTOCOL_VERSION } from '../../model-runtime/protocol/version';
import { Runtime } from '../../model-runtime/runtime';
import { PROGRAM_FOLDER } from '../support/cpuProgram';
import { MODEL_FOLDER } from '../support/model';
import { temporaryFolder } from '../support/modelFolder';

vi.mock('../../model-runtime/engines/createEngine');
vi.mock('../../model-runtime/engines/fasterEngine');
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const TEXT = 'export function length(a: Point, b: Point) {\n  const dx = a.x - b.x;\n  const dy = ';

const processor = async (load: LoadWeights, threads = 1) =>
  createCpuEngine(await load(), { threads, programFolder: PROGRAM_FOLDER });

/** Calls itself webgpu, and fails with `failure` after some tokens. */
async function gpu(load: LoadWeights, tokens = Infinity, failure?: RuntimeError): Promise<Engine> {
  const engine = await processor(load);
  let left = tokens;
  return {
    info: { ...engine.info, name: 'webgpu', device: 'Test GPU', maxDraftTokens: undefined },
    createState: () => engine.createState(),
    prefill: (ids, state, options) => engine.prefill(ids, state, options),
    decode: (token, state, signal) =>
      left-- > 0 || !failure ? engine.decode(token, state, signal) : Promise.reject(failure),
    dispose: () => engine.dispose(),
  };
}

let messages: RuntimeMessage[];
let runtime: Runtime;
beforeEach(() => {
  messages = [];
  runtime = new Runtime((message) => messages.push(message));
  vi.mocked(createGpuEngine).mockReset().mockResolvedValue(undefined);
});
afterEach(() => runtime.dispose());

interface Start {
  avoidsGpu?: boolean;
  replacesGpu?: boolean;
  threads?: number;
  modelFolder?: string;
}

/** The shipped model with other preferred weights. */
async function preferring(weights: WeightsChoice, folder: string): Promise<string> {
  for (const file of ['config.json', 'tokenizer.json', 'model.safetensors']) {
    await symlink(path.join(MODEL_FOLDER, file), path.join(folder, file));
  }
  const manifest: unknown = JSON.parse(
    await readFile(path.join(MODEL_FOLDER, 'manifest.json'), 'utf8'),
  );
  await writeFile(
    path.join(folder, 'manifest.json'),
    JSON.stringify(Object.assign({ weights }, manifest)),
  );
  return folder;
}

function start(
  engine: EngineChoice,
  { threads = 1, modelFolder = MODEL_FOLDER, ...options }: Start = {},
): Promise<void> {
  return runtime.handle({
    kind: 'initialize',
    requestId: 1,
    protocolVersion: PROTOCOL_VERSION,
    modelFolder,
    engine,
    threads,
    weights: 'int8',
    stateBudgetBytes: 2 ** 28,
    ...options,
  });
}

async function complete(requestId: number): Promise<void> {
  const documentId = 'file:///a.ts';
  await runtime.handle({
    kind: 'openDocument',
    documentId,
    version: 1,
    path: 'a.ts',
    text: TEXT,
    isComplete: true,
  });
  await runtime.handle({
    kind: 'complete',
    requestId,
    documentId,
    version: 1,
    lineCount: 3,
    position: { line: 2, character: 13 },
    contextCharacters: 4000,
    maxReadTokens: 1000,
    shape: 'line',
    maxTokens: 16,
    maxLines: 1,
    temperature: 0,
    topP: 1,
  });
  const answer = await vi.waitUntil(
    () => messages.find((message) => message.requestId === requestId),
    { timeout: 60_000 },
  );
  expect(answer).toMatchObject({
    kind: 'completion',
    text: expect.stringContaining('a.y - b.y;') as string,
  });
}

const changes = () => messages.filter(({ kind }) => kind === 'engineChanged');

describe('a GPU', () => {
  it.each(['deviceLost', 'outOfMemory', 'engineUnavailable'] as const)(
    'that fails a request with %s is left for the processor, which answers it',
    async (code) => {
      vi.mocked(createEngine).mockImplementation(({ engine }, load) =>
        engine === 'webgpu' ? gpu(load, 2, new RuntimeError(code, 'It broke.')) : processor(load),
      );
      await start('webgpu');
      expect(messages).toMatchObject([{ kind: 'initialized', engine: { name: 'webgpu' } }]);
      await complete(2);
      expect(changes()).toMatchObject([
        { requestId: 1, engine: { name: 'cpu', gpuFailure: { code, message: 'It broke.' } } },
      ]);
      await complete(3);
      expect(changes()).toHaveLength(1);
    },
  );

  it('that fails while it warms two documents at once is left once, and both are warmed', async () => {
    const failure = new RuntimeError('deviceLost', 'It broke.');
    vi.mocked(createEngine).mockImplementation(async ({ engine }, load) => {
      if (engine !== 'webgpu') return processor(load);
      const device = await gpu(load);
      return {
        ...device,
        info: { ...device.info, maxSequences: 2 },
        prefill: () => Promise.reject(failure),
        prefillMany: () => Promise.reject(failure),
      };
    });
    await start('webgpu');
    for (const [requestId, documentId] of [
      [2, 'file:///a.ts'],
      [3, 'file:///b.ts'],
    ] as const) {
      const document = { documentId, version: 1 };
      await runtime.handle({
        ...{ kind: 'openDocument', ...document, path: 'a.ts', text: TEXT, isComplete: true },
      });
      const position = { line: 2, character: 13 };
      const place = { ...document, lineCount: 3, position, contextCharacters: 4000 };
      void runtime.handle({ kind: 'warm', requestId, ...place });
    }
    await vi.waitUntil(() => messages.filter(({ kind }) => kind === 'warmed').length === 2, {
      timeout: 60_000,
    });
    expect(changes()).toMatchObject([{ engine: { name: 'cpu' } }]);
    await complete(4);
  });

  const unavailable = new RuntimeError('engineUnavailable', 'No GPU here.');
  beforeEach(() => {
    vi.mocked(createEngine)
      .mockReset()
      .mockImplementation(({ engine }, load) =>
        engine === 'webgpu' ? Promise.reject(unavailable) : processor(load),
      );
  });

  it('that cannot be used is replaced by the processor, which says why', async () => {
    await start('webgpu', { replacesGpu: true });
    const engine = { name: 'cpu', gpuFailure: { message: 'No GPU here.' } };
    expect(messages).toMatchObject([{ kind: 'initialized', engine }]);
    await complete(2);
  });

  it('that may have ended the last process is not tried again', async () => {
    await start('webgpu', { replacesGpu: true, avoidsGpu: true });
    const message = expect.stringContaining('The last runtime process ended') as string;
    expect(messages).toMatchObject([
      { kind: 'initialized', engine: { name: 'cpu', gpuFailure: { message } } },
    ]);
    expect(createEngine).toHaveBeenCalledOnce();
  });

  it('that cannot be used is a failure where an engine is to be measured', async () => {
    await start('webgpu');
    expect(messages).toMatchObject([{ kind: 'failed', code: 'engineUnavailable' }]);
  });

  it.each([true, false])('takes over from the processor when it is faster: %s', async (wins) => {
    vi.mocked(createEngine).mockImplementation((_, load) => processor(load));
    vi.mocked(createGpuEngine).mockImplementation((load) => gpu(load));
    vi.mocked(isFaster).mockReset().mockResolvedValue(wins);
    await start('auto');
    expect(messages).toMatchObject([{ kind: 'initialized', engine: { name: 'cpu' } }]);
    await complete(2);
    await vi.waitUntil(() => vi.mocked(isFaster).mock.calls.length > 0, { timeout: 60_000 });
    await complete(3);
    expect(changes()).toMatchObject(wins ? [{ engine: { name: 'webgpu' } }] : []);
  });

  it.each(['int8', 'int4'] as const)(
    'keeps %s weights where the model prefers them, and so does the processor that takes over from it',
    async (weights) => {
      await using folder = await temporaryFolder();
      const modelFolder = await preferring(weights, folder.path);
      const failure = new RuntimeError('deviceLost', 'It broke.');
      vi.mocked(createEngine).mockImplementation((_, load) => processor(load));
      vi.mocked(createGpuEngine).mockImplementation((load) => gpu(load, 0, failure));
      vi.mocked(isFaster).mockReset().mockResolvedValue(true);
      await start('auto', { modelFolder });
      await complete(2);
      await vi.waitUntil(() => changes().length > 0, { timeout: 60_000 });
      await complete(3);
      expect(changes()).toMatchObject([
        { engine: { name: 'webgpu' } },
        { engine: { name: 'cpu' } },
      ]);
      expect(vi.mocked(createGpuEngine).mock.calls).toEqual([[expect.any(Function), weights]]);
      expect(vi.mocked(createEngine).mock.lastCall?.[0]).toMatchObject({ engine: 'cpu', weights });
    },
  );

  it.each([
    ['cpu', false],
    ['auto', true],
  ] as const)('is not looked for with %s, avoided: %s', async (choice, avoidsGpu) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    vi.mocked(createEngine).mockImplementation((_, load) => processor(load));
    await start(choice, { avoidsGpu });
    await complete(2);
    vi.advanceTimersByTime(20_000);
    vi.useRealTimers();
    expect(createGpuEngine).not.toHaveBeenCalled();
  });
});

it('does not keep the file that an engine was made from', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let file: WeakRef<ArrayBufferLike> | undefined;
  vi.mocked(createEngine).mockImplementation(async (_, load) => {
    const weights = await load();
    file = new WeakRef(weights.normF.buffer);
    return processor(() => Promise.resolve(weights));
  });
  await start('cpu');
  vi.advanceTimersByTime(10_000);
  vi.useRealTimers();
  expect(file).toBeDefined();
  await vi.waitUntil(() => file?.deref() === undefined, { timeout: 30_000 });
  await complete(2);
});

describe('the number of threads', () => {
  /** One more than is ever chosen. */
  const many = availableParallelism() + 1;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    vi.mocked(createEngine).mockImplementation((_, load) => processor(load, many));
  });
  afterEach(() => vi.useRealTimers());

  const change = () => vi.waitUntil(() => changes()[0], { timeout: 60_000 });

  it('is chosen again when the window has started', async () => {
    await start('cpu', { threads: 0 });
    await complete(2);
    expect(changes()).toEqual([]);
    vi.advanceTimersByTime(20_000);
    const { engine } = (await change()) as EngineChangedMessage;
    expect(engine).toMatchObject({ name: 'cpu' });
    expect(engine.threads).toBeLessThan(many);
    await complete(3);
  });

  it('is chosen later when there is something else to do', async () => {
    await start('cpu', { threads: 0 });
    vi.advanceTimersByTime(20_000);
    await complete(2);
    expect(changes()).toEqual([]);
    vi.advanceTimersByTime(20_000);
    await change();
  });

  it('stays when it was set', async () => {
    await start('cpu', { threads: many });
    vi.advanceTimersByTime(200_000);
    await complete(2);
    expect(changes()).toEqual([]);
  });
});
