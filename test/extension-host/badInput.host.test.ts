import assert from 'node:assert/strict';
import { suiteSetup, suiteTeardown, teardown } from 'mocha';
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../extension/main';
import {
  acceptSuggestion,
  closeAll,
  pause,
  readyExtension,
  showText,
  showTextAt,
} from './extension';

const LINE = 'const value = compute(first, second);\n';
const FIVE_MEGABYTES = LINE.repeat(Math.ceil(5_000_000 / LINE.length));
const ONE_LINE = 'a=f(b,c);'.repeat(Math.ceil(1_000_000 / 9));
const BINARY_LOOKING = Array.from({ length: 4000 }, (_, i) =>
  String.fromCharCode((i * 7919) % 256),
).join('');

/** What the documents are and where the cursor stands in them. */
const CASES: { name: string; content: string; offset: number }[] = [
  { name: 'an empty file', content: '', offset: 0 },
  { name: 'a 5 MB file, at its end', content: FIVE_MEGABYTES, offset: FIVE_MEGABYTES.length },
  {
    name: 'a 5 MB file, in the middle',
    content: FIVE_MEGABYTES,
    offset: LINE.length * 60_000 + 14,
  },
  { name: 'a single line of 1 MB, at its end', content: ONE_LINE, offset: ONE_LINE.length },
  { name: 'a single line of 1 MB, in the middle', content: ONE_LINE, offset: 500_003 },
  { name: 'text that looks binary', content: BINARY_LOOKING, offset: 2000 },
  { name: 'lone surrogates', content: 'let s = "\ud800";\nlet t = "\udc00" + ', offset: 28 },
  {
    name: 'mixed line ends',
    content: 'let a = 1;\r\nlet b = 2;\nlet c = 3;\rlet d = ',
    offset: 42,
  },
  { name: 'a cursor right after a surrogate pair', content: 'let face = "😀" + ', offset: 14 },
  { name: 'a cursor right before a surrogate pair', content: 'let face = "😀" + ', offset: 12 },
];

suite('bad input', () => {
  let api: ExtensionApi;
  let runtimeId: number | undefined;
  const unhandled: unknown[] = [];
  const collect = (reason: unknown) => unhandled.push(reason);

  suiteSetup(async () => {
    api = await readyExtension();
    runtimeId = api.runtimeProcessId();
    process.on('unhandledRejection', collect);
  });
  suiteTeardown(() => process.off('unhandledRejection', collect));
  teardown(closeAll);

  /** The extension came through: no exception, the same runtime process, and it completes the next document. */
  async function expectUnharmed(): Promise<void> {
    await closeAll();
    const editor = await showText('function add(a, b) {\n  return ↓\n}\n', 'javascript');
    assert.ok(await acceptSuggestion(editor), 'no suggestion afterwards');
    assert.equal(api.health().state, 'ready');
    assert.equal(api.runtimeProcessId(), runtimeId, 'the runtime was restarted');
    assert.deepEqual(unhandled.map(String), []);
  }

  for (const { name, content, offset } of CASES) {
    test(`survives ${name}`, async () => {
      const editor = await showTextAt(content, offset, 'typescript');
      // Whether something is suggested is the model's affair.
      await acceptSuggestion(editor, 3000);
      await expectUnharmed();
    }).timeout(120_000);
  }

  test('survives a document that is closed while its request runs', async () => {
    for (const delayMs of [0, 20, 70, 150]) {
      await showText(`${LINE.repeat(200)}const next = ↓`, 'typescript');
      await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
      await pause(delayMs);
      await closeAll();
    }
    await expectUnharmed();
  }).timeout(120_000);
});
