import { expect, it } from 'vitest';
import { syntaxAt } from '../../../../extension/completion/syntaxAt';

it.each([
  ['typescript', 'const a = ', 'code'],
  ['typescript', 'const a = 1; // ', 'comment'],
  ['typescript', '// one\n', 'code'],
  ['typescript', '/* one\n two', 'comment'],
  ['typescript', '/* one */ ', 'code'],
  ['typescript', '/** a "quote */ x', 'code'],
  ['typescript', 'const a = "x', 'string'],
  ['typescript', 'const a = "x\\"', 'string'],
  ['typescript', 'const a = "x" + ', 'code'],
  ['typescript', 'const a = "// no', 'string'],
  ['typescript', 'const a = "open\nb = ', 'code'],
  ['typescript', 'const a = `one\ntwo', 'string'],
  ['python', 'x = 1  # why', 'comment'],
  ['python', 'def f():\n    """Says\n    what', 'string'],
  ['python', 'def f():\n    """Says."""\n    ', 'code'],
  ['python', "x = f'{a", 'string'],
  ['rust', "fn f<'a>(x: &'a str) { ", 'code'],
  ['rust', 'let s = "a', 'string'],
  ['go', 's := `a\nb', 'string'],
  ['lua', '--[[ one\n two', 'comment'],
  ['lua', '-- one', 'comment'],
  ['sql', "select 'it", 'string'],
  ['html', '<!-- a', 'comment'],
  ['html', '<p>It\'s "', 'code'],
  ['shellscript', 'echo "$a', 'string'],
  ['yaml', 'a: 1 # b', 'comment'],
  ['plaintext', '"// a', 'code'],
])('%s: %j ends in %s', (languageId, text, expected) => {
  expect(syntaxAt(text, languageId)).toBe(expected);
});
