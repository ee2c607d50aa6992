import { expect, it } from 'vitest';
import { DocumentMirror } from '../../../../extension/completion/documentMirror';
import type { DocumentNotification } from '../../../../extension/runtime-client/runtimeConnection';
import { parseClientMessage } from '../../../../model-runtime/parseClientMessage';
import { DocumentStore } from '../../../../model-runtime/state/documentStore';
import { applyToString, codeFixtures, randomEdit, toChange } from '../../../support/editScripts';
import { createRandom } from '../../../support/random';

const URI = 'file:///a.ts';

/** An editor's document, and the runtime's side of the channel. */
function setUp(text: string, eol: '\n' | '\r\n' = '\n') {
  const store = new DocumentStore(0);
  const sent: DocumentNotification[] = [];
  const editor = { text, version: 1 };
  let split = { text: '', lines: [''] };
  const lines = () => {
    if (split.text !== editor.text) split = { text: editor.text, lines: editor.text.split('\n') };
    return split.lines;
  };
  const turns: (() => void)[] = [];
  let isLosing = false;
  const mirror = new DocumentMirror({
    mostCharacters: 1_000_000,
    nextTurn: () => {
      turns.shift()?.();
      return Promise.resolve();
    },
    send: (message) => {
      sent.push(message);
      if (isLosing) return;
      // As it is after the channel.
      const parsed = parseClientMessage(JSON.parse(JSON.stringify(message)));
      if ('problem' in parsed) throw new Error(parsed.problem);
      const received = parsed.message;
      if (received.kind === 'openDocument') store.open(received);
      else if (received.kind === 'appendToDocument') store.append(received);
      else if (received.kind === 'changeDocument') store.change(received);
      else if (received.kind === 'closeDocument') store.close(received.documentId);
    },
  });
  const source = {
    uri: URI,
    languageId: 'typescript',
    eol,
    get version() {
      return editor.version;
    },
    get lineCount() {
      return lines().length;
    },
    lineAt: (line: number) => lines()[line],
  };
  const edit = (...edits: { start: number; end: number; text: string }[]) => {
    const changes = edits.map((one) => {
      const change = toChange(editor.text, one);
      editor.text = applyToString(editor.text, one);
      return { ...change, text: change.text.replaceAll('\n', eol) };
    });
    editor.version++;
    mirror.change(URI, editor.version, changes);
  };
  const held = () => store.get(URI)?.text.text();
  const lose = (work: () => void) => {
    isLosing = true;
    work();
    isLosing = false;
  };
  return { mirror, editor, source, sent, edit, held, store, turns, lose };
}

it('has the runtime hold the editor’s text after any edits, sent as changes alone', async () => {
  const random = createRandom(5);
  const fixtures = codeFixtures();
  for (let script = 0; script < 40; script++) {
    const eol = script % 2 === 0 ? '\n' : '\r\n';
    const { mirror, editor, source, sent, edit, held } = setUp(
      fixtures[script % fixtures.length],
      eol,
    );
    expect(await mirror.ensureOpen(source, 'a.ts')).toBe(true);
    for (let step = 0; step < 100; step++) {
      const edits = Array.from({ length: 1 + Math.floor(random() * 3) }, () => undefined);
      // Each edit is chosen in the text that the one before has left, as the editor reports them.
      const before = editor.text;
      let text = before;
      edit(
        ...edits.map(() => {
          const one = randomEdit(text, random);
          text = applyToString(text, one);
          return one;
        }),
      );
      expect(held()).toBe(editor.text);
      expect(await mirror.ensureOpen(source, 'a.ts')).toBe(true);
    }
    expect(sent.filter(({ kind }) => kind === 'openDocument')).toHaveLength(1);
  }
});

it('sends a large document in pieces, and starts again when it changes meanwhile', async () => {
  const { mirror, editor, source, sent, edit, held, turns } = setUp(
    'const value = 1;\n'.repeat(30_000),
  );
  turns.push(() => {
    edit({ start: 0, end: 5, text: 'let' });
  });
  expect(await mirror.ensureOpen(source, 'a.ts')).toBe(true);
  expect(held()).toBe(editor.text);
  expect(sent.map(({ kind }) => kind).filter((kind) => kind === 'openDocument')).toHaveLength(2);
  for (const message of sent) {
    if ('text' in message) expect(message.text.length).toBeLessThan(140_000);
  }
}, 60_000);

it('sends a document again when a message was lost, and when its path is another', async () => {
  const { mirror, editor, source, sent, edit, held, lose } = setUp('one\ntwo');
  await mirror.ensureOpen(source, 'a.ts');
  lose(() => {
    edit({ start: 0, end: 0, text: 'x' });
  });
  edit({ start: 1, end: 1, text: 'y' });
  expect(held()).toBeUndefined();
  mirror.invalidate(URI);
  await mirror.ensureOpen(source, 'a.ts');
  expect(held()).toBe(editor.text);
  await mirror.ensureOpen(source, 'b.ts');
  expect(sent.filter(({ kind }) => kind === 'openDocument')).toHaveLength(3);
});

it('tracks no document beyond the limit, and nothing that was closed', async () => {
  const { mirror, source, held, sent } = setUp(`${'x'.repeat(600_000)}\n${'x'.repeat(600_000)}`);
  expect(await mirror.ensureOpen(source, 'a.ts')).toBe(false);
  expect(await mirror.ensureOpen(source, 'a.ts')).toBe(false);
  expect(mirror.isTooLarge(URI)).toBe(true);
  expect(held()).toBeUndefined();
  mirror.close(URI);
  expect(mirror.isTooLarge(URI)).toBe(false);
  expect(sent.at(-1)?.kind).toBe('closeDocument');
});
