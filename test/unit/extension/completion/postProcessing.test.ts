import { describe, expect, it } from 'vitest';
import { postProcess } from '../../../../extension/completion/postProcessing';
import { place } from '../support/textNotation';

/** What the document becomes when the suggestion is accepted, with `[…]` around it; the document itself when there is none. */
function accept(
  notation: string,
  text: string,
  options: { shape?: 'line' | 'block'; eol?: '\n' | '\r\n' } = {},
): string {
  const { eol = '\n', shape = 'block' } = options;
  const { position, source } = place(notation);
  const at = notation.indexOf('↓');
  const suffix = notation.slice(at + 1);
  const suggestion = postProcess({
    text,
    shape,
    maxLines: 9,
    isFinished: true,
    above: notation.slice(0, at).split('\n').slice(0, -1),
    lineBefore: source.lineAt(position.line).slice(0, position.character),
    suffix,
    eol,
  });
  if (suggestion === undefined) return notation;
  const { insertText, replacedAfter } = suggestion;
  return `${notation.slice(0, at)}[${insertText}]${suffix.slice(replacedAfter)}`;
}

describe('the rest of the line', () => {
  it.each([
    // the end that is already there is left out
    ['foo(↓)', 'a, b)', 'foo([a, b])'],
    ['foo(↓);', 'a, b);', 'foo([a, b]);'],
    ['x = [↓]', '1, 2]', 'x = [[1, 2]]'],
    ['say("↓")', 'hello")', 'say("[hello]")'],
    ["import x from '↓'", "./x'", "import x from '[./x]'"],
    ['return ↓;', 'value;', 'return [value];'],
    ['if (↓) {', 'ready) {', 'if ([ready]) {'],
    // brackets that the completion opened itself are its own
    ['foo(↓)', 'bar()', 'foo([bar()])'],
    ['foo(↓)', 'bar())', 'foo([bar()])'],
    ['foo(↓)', '[1, 2]', 'foo([[1, 2]])'],
    ['list[↓]', 'index[0]', 'list[[index[0]]]'],
    ['f("↓")', '" + "', 'f("[" + "]")'],
    // the end comes again with more behind it: it is replaced
    ['foo(↓)', 'a, b);', 'foo([a, b);]'],
    ['foo(↓)', 'a) {', 'foo([a) {]'],
    ['foo({ ↓ })', 'a: 1 });', 'foo({ [a: 1 });]'],
    // nothing in common
    ['foo(↓)', 'a, b', 'foo([a, b])'],
    ['const a = ↓;', '1', 'const a = [1];'],
    // identifiers
    ['const ↓name = 1', 'name', 'const ↓name = 1'],
    ['a ↓value', 'my value', 'a [my ]value'],
  ])('%s + %s', (notation, text, expected) => {
    const joined = accept(notation, text, { shape: 'line' });
    // Trailing spaces before the rest are the model's own.
    expect(joined).toBe(expected);
  });
});

describe('the lines below', () => {
  it.each([
    ['if (a) {\n  ↓\n}', 'b();\n}', 'if (a) {\n  [b();]\n}'],
    ['↓\nfoo();', 'foo();', '↓\nfoo();'],
    ['a();\n↓\nc();', 'b();\nc();\nd();', 'a();\n[b();]\nc();'],
    // blank lines between do not matter
    ['a();\n↓\n\n\nc();', 'b();\nc();', 'a();\n[b();]\n\n\nc();'],
    // a block that the completion opened may close like the line below
    ['{\n  ↓\n  }', 'if (a) {\n    b();\n  }', '{\n  [if (a) {\n    b();\n  }]\n  }'],
    // a last line that is cut short
    ['a();\n↓\nconsole.log(1);', 'b();\nconsole.l', 'a();\n[b();]\nconsole.log(1);'],
    // a bracket that is closed below, whatever its indentation
    ['f() {\n  ↓\n}', 'g();\n  }', 'f() {\n  [g();]\n}'],
    // another indentation is another line
    ['f() {\n  ↓\n    }', 'g();\n  }', 'f() {\n  [g();\n  }]\n    }'],
    [
      'def f():\n    ↓\n\ndef g():',
      'pass\n\ndef g():\n    pass',
      'def f():\n    [pass]\n\ndef g():',
    ],
  ])('%j + %j', (notation, text, expected) => {
    expect(accept(notation, text)).toBe(expected);
  });
});

it('drops what is blank', () => {
  for (const text of ['', ' ', '\n', ' \n\t\n']) expect(accept('a↓', text)).toBe('a↓');
});

it('trims the end, not the start', () => {
  expect(accept('a =↓', ' 1;  \n\n')).toBe('a =[ 1;]');
});

it('keeps one line of a line completion', () => {
  expect(accept('a = ↓', '1;\nb = 2;', { shape: 'line' })).toBe('a = [1;]');
  expect(accept('a = ↓', '\nb = 2;', { shape: 'line' })).toBe('a = ↓');
});

it('gives CRLF documents CRLF', () => {
  expect(accept('{↓', '\n  a();\n  b();', { eol: '\r\n' })).toBe('{[\r\n  a();\r\n  b();]');
});
