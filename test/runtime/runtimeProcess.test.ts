import { cp, mkdtemp, open, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type {
  CompletionFigures,
  CompletionResponse,
  RuntimeMessage,
} from '../../model-runtime/protocol/messages';
import { PROTOCOL_VERSION } from '../../model-runtime/protocol/version';
import { positionAt } from '../support/editScripts';
import { MODEL_FOLDER } from '../support/model';
import { bundleRuntime, RuntimeChild } from '../support/runtimeChild';

const CODE = `export function sum(values: number[]): number {
  let total = 0;
  for (const value of values) {
    total += value;
  }
  return total;
}

export function average(values: number[]): number {
  return sum(values) / values.`;

/** Long enough for many chunks of prefill. */
const LONG_TEXT = Array.from({ length: 400 }, (_, i) => `const value${i} = ${i * 7};\n`).join('');

function completion(message: RuntimeMessage): CompletionResponse {
  if (message.kind !== 'completion') throw new Error(`answered ${JSON.stringify(message)}`);
  return message;
}

describe('the runtime process', { timeout: 60_000 }, () => {
  let script: string;
  const started: RuntimeChild[] = [];
  const start = () => {
    const child = new RuntimeChild(script);
    started.push(child);
    return child;
  };

  beforeAll(async () => {
    script = await bundleRuntime();
  });
  afterAll(() => started.forEach((child) => child.kill()));

  describe.each(['onnx', 'cpu'])('initialized with %s', (engine) => {
    let runtime: RuntimeChild;
    beforeAll(async () => {
      runtime = start();
      const answer = await runtime.initialize({ engine });
      expect(answer).toMatchObject({
        kind: 'initialized',
        protocolVersion: PROTOCOL_VERSION,
        model: { architecture: 'mamba2', layers: 24, vocabSize: 16384 },
        engine: { name: engine, maxChunkTokens: 64 },
      });
    });

    it('completes code with the real model and reports what it cost', async () => {
      const { text, figures } = completion(await runtime.complete(CODE, ';\n}\n').answer);
      expect(text).toBe('length');
      expect(figures.promptTokens).toBeGreaterThan(50);
      expect(figures.generatedTokens).toBeGreaterThan(0);
      expect(figures.totalMs).toBeGreaterThan(0);
    });

    it('reads only what was typed when the prompt has grown at its end', async () => {
      await runtime.complete(CODE, ';\n}\n').answer;
      const { figures } = completion(await runtime.complete(CODE + 'l', ';\n}\n').answer);
      expect(figures.promptTokens - figures.reusedTokens).toBeLessThanOrEqual(3);
    });

    it('gives the same text from kept states as from a fresh read', async () => {
      const prefix = LONG_TEXT.slice(0, 900) + 'const value';
      for (const typed of ['', '1', '12', '12 ', '12 =', '12 = 3']) {
        const grown = completion(await runtime.complete(prefix + typed, '\nfoo();\n').answer);
        const fresh = completion(
          await runtime.complete(prefix + typed, '\nfoo();\n', { documentId: `fresh ${typed}` })
            .answer,
        );
        expect(fresh.figures.reusedTokens).toBe(0);
        if (typed !== '') expect(grown.figures.reuse).toBe('cursor');
        expect(grown.text).toBe(fresh.text);
        expect(grown.meanLogProbability).toBeCloseTo(fresh.meanLogProbability, 2);
      }
    });

    it('lets a warmed document start from its kept state', async () => {
      const prefix = LONG_TEXT.slice(0, 2000);
      const document = runtime.show('warm', prefix, '');
      const warmed = await runtime.ask({ kind: 'warm', ...document }).answer;
      expect(warmed).toMatchObject({ kind: 'warmed' });
      const { figures } = completion(
        await runtime.complete(prefix, '', { documentId: 'warm' }).answer,
      );
      expect(figures.reusedTokens).toBeGreaterThan(0.7 * figures.promptTokens);
    });

    it('forgets the states of a closed document', async () => {
      await runtime.complete(CODE, '', { documentId: 'closing' }).answer;
      runtime.close('closing');
      const { figures } = completion(
        await runtime.complete(CODE, '', { documentId: 'closing' }).answer,
      );
      expect(figures.reusedTokens).toBe(0);
    });

    it('answers a cancelled request before it would have been finished, and keeps what it has read', async () => {
      // On a busy machine nothing may have been read after the first delays.
      let figures: CompletionFigures | undefined;
      for (let delayMs = 300; !figures?.reusedTokens && delayMs < 10_000; delayMs *= 2) {
        const long = { documentId: `cancel after ${delayMs} ms` };
        const { requestId, answer } = runtime.complete(LONG_TEXT, '', long);
        setTimeout(() => runtime.sendRaw({ kind: 'cancel', requestId }), delayMs);
        expect((await answer).kind).toBe('canceled');
        ({ figures } = completion(await runtime.complete(LONG_TEXT, '', long).answer));
      }
      const { reusedTokens = 0, promptTokens = 0 } = figures ?? {};
      expect(reusedTokens).toBeGreaterThan(0);
      expect(reusedTokens).toBeLessThan(promptTokens - 64);
    });

    it('cancels an older request when a newer one of the same document comes', async () => {
      const older = runtime.complete(LONG_TEXT, '', { documentId: 'replaced' });
      const newer = runtime.complete(CODE, '', { documentId: 'replaced' });
      expect((await older.answer).kind).toBe('canceled');
      expect((await newer.answer).kind).toBe('completion');
    });

    it('takes a document in pieces, follows its changes and tells what it keeps of it', async () => {
      const documentId = 'pieces';
      const half = Math.floor(CODE.length / 2);
      const piece = { documentId, version: 1 };
      const text = CODE.slice(0, half);
      runtime.sendRaw({
        kind: 'openDocument',
        ...piece,
        path: 'src/a.ts',
        text,
        isComplete: false,
      });
      const end = positionAt(CODE, CODE.length);
      const place = { lineCount: end.line + 1, position: end, contextCharacters: 6000 };
      const early = await runtime.ask({ kind: 'warm', ...piece, ...place }).answer;
      expect(early).toMatchObject({ kind: 'resync', documentId });
      const rest = { text: CODE.slice(half), isComplete: true };
      runtime.sendRaw({ kind: 'appendToDocument', ...piece, ...rest });
      const changes = [
        { start: { line: 0, character: 0 }, end: { line: 1, character: 0 }, text: '' },
      ];
      runtime.sendRaw({ kind: 'changeDocument', documentId, fromVersion: 1, version: 2, changes });
      const position = { line: end.line - 1, character: end.character };
      const asked = { ...place, documentId, version: 2, lineCount: end.line, position };
      expect((await runtime.ask({ kind: 'warm', ...asked }).answer).kind).toBe('warmed');
      const described = await runtime.ask({ kind: 'describeDocument', documentId }).answer;
      expect(described).toMatchObject({ document: { version: 2, lineCount: end.line } });
      expect(
        described.kind === 'documentDescribed' && described.document?.states.length,
      ).toBeGreaterThan(1);
    });

    it('reads nothing again when documents are switched', async () => {
      const names = Array.from({ length: 10 }, (_, i) => `switched ${i}`);
      const ask = async (documentId: string) =>
        completion(await runtime.complete(CODE, ';\n}\n', { documentId, maxTokens: 1 }).answer);
      for (const name of names) await ask(name);
      for (const name of names) {
        const { figures } = await ask(name);
        expect(figures.promptTokens - figures.reusedTokens).toBeLessThanOrEqual(3);
      }
    });

    it('refuses a malformed message with its reason and goes on', async () => {
      const refused = await runtime.ask({ kind: 'complete', documentId: 7 }).answer;
      expect(refused).toMatchObject({ kind: 'failed', code: 'internal' });
      runtime.sendRaw('nonsense');
      runtime.sendRaw({ kind: 'unknown' });
      expect((await runtime.complete(CODE).answer).kind).toBe('completion');
    });

    it('completes odd text: nothing at all, one giant line, other scripts, special tokens spelled out', async () => {
      const texts = ['', '\n', 'x'.repeat(600), '한국어 주석 // ', 'שלום = ', '😀'.repeat(50)];
      for (const prefix of [...texts, '<|fim_middle|><|endoftext|>', '\u0000\u0001\u0002']) {
        const answer = await runtime.complete(prefix, '', { documentId: 'odd' }).answer;
        expect(answer.kind).toBe('completion');
      }
    });
  });

  it('refuses another protocol version', async () => {
    const answer = await start().initialize({ protocolVersion: PROTOCOL_VERSION + 1 });
    expect(answer).toMatchObject({ kind: 'failed', code: 'protocolMismatch' });
  });

  it('refuses work before it is initialized', async () => {
    expect(await start().complete(CODE).answer).toMatchObject({ kind: 'failed', code: 'internal' });
  });

  it('ends when it is told to and when its channel closes', async () => {
    const told = start();
    await told.initialize();
    told.sendRaw({ kind: 'shutdown' });
    expect(await told.ended()).toBe(0);

    const left = start();
    await left.initialize();
    left.child.disconnect();
    expect(await left.ended()).toBeNull();
    expect(left.child.signalCode).toBe('SIGKILL');
  });

  describe('given a bad model folder', () => {
    const folders: string[] = [];
    const copyOfModel = async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'mamba-model-'));
      folders.push(folder);
      await cp(MODEL_FOLDER, folder, { recursive: true });
      return folder;
    };
    afterEach(async () => {
      for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
    });

    it('answers modelNotFound and names the folder', async () => {
      const answer = await start().initialize({ modelFolder: '/no/such/folder' });
      expect(answer).toMatchObject({ kind: 'failed', code: 'modelNotFound' });
      expect(answer.kind === 'failed' && answer.message).toContain('/no/such/folder');
    });

    it('answers modelCorrupt for truncated weights, one altered byte and another tokenizer', async () => {
      const truncated = await copyOfModel();
      await truncate(path.join(truncated, 'model.safetensors'), 40_000_000);
      const altered = await copyOfModel();
      const file = await open(path.join(altered, 'model.safetensors'), 'r+');
      await file.write(Buffer.of(255), 0, 1, 50_000_000);
      await file.write(Buffer.of(1), 0, 1, 50_000_001);
      await file.close();
      const mixed = await copyOfModel();
      await truncate(path.join(mixed, 'tokenizer.json'), 1000);
      for (const modelFolder of [truncated, altered, mixed]) {
        const answer = await start().initialize({ modelFolder });
        expect(answer).toMatchObject({ kind: 'failed', code: 'modelCorrupt' });
      }
    });
  });
});
