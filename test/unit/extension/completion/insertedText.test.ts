import fc from 'fast-check';
import { expect, it } from 'vitest';
import { positionAfter, withInsertion } from '../../../../extension/completion/insertedText';
import { textSource } from '../support/textNotation';

const line = fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength: 4 });
const lines = fc.array(line, { minLength: 1, maxLength: 5 });

it('is the document with the text put in', () => {
  fc.assert(
    fc.property(lines, lines, fc.nat(), fc.nat(), (document, inserted, lineSeed, seed) => {
      const at = lineSeed % document.length;
      const character = seed % ((document[at] ?? '').length + 1);
      const text = inserted.join('\n');
      const position = { line: at, character };
      const source = withInsertion(textSource(document), position, text);
      const before = [...document.slice(0, at), (document[at] ?? '').slice(0, character)].join(
        '\n',
      );
      const after = document.join('\n').slice(before.length);
      const read = Array.from({ length: source.lineCount }, (_, i) => source.lineAt(i));
      expect(read.join('\n')).toBe(before + text + after);
      const end = positionAfter(position, text);
      const untilEnd = [...read.slice(0, end.line), (read[end.line] ?? '').slice(0, end.character)];
      expect(untilEnd.join('\n')).toBe(before + text);
    }),
  );
});
