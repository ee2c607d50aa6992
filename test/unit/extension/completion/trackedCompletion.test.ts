import { expect, it } from 'vitest';
import { DocumentMirror } from '../../../../extension/completion/documentMirror';
import { TrackedCompletion } from '../../../../extension/completion/trackedCompletion';
import type { WarmParameters } from '../../../../extension/runtime-client/runtimeClient';
import { FakeRuntime, NEVER } from '../support/fakeRuntime';
import { recordingLogger } from '../support/logs';
import { place } from '../support/textNotation';

it('has all visible documents warmed at once, the first of them first although it takes long to send', async () => {
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  const channel = new FakeRuntime();
  const warming = Object.assign(channel, {
    warm: ({ documentId }: WarmParameters) =>
      new Promise((resolve) => {
        asked.push(documentId);
        answers.push(() => resolve({ kind: 'success', prefilledTokens: asked.length }));
      }),
  });
  const mirror = new DocumentMirror({
    send: () => undefined,
    nextTurn: () => new Promise((resolve) => setImmediate(resolve)),
  });
  const tracked = new TrackedCompletion(warming, mirror, recordingLogger());
  const at = (uri: string, text: string) => {
    const { source, position } = place(`${text}↓`);
    return { source: { ...source, uri }, position, path: 'a.ts', contextCharacters: 100 };
  };
  const large = `${'x'.repeat(1000)}\n`.repeat(1000);
  const outcomes = tracked.warmAll(
    [at('first', large), at('second', 'b'), at('third', 'c')],
    NEVER,
  );
  await expect.poll(() => asked).toEqual(['first', 'second', 'third']);
  for (const answer of answers) answer();
  expect((await outcomes).map(({ kind }) => kind)).toEqual(['success', 'success', 'success']);
});
