import { describe, expect, it } from 'vitest';
import { createStopRule } from '../../../model-runtime/generation/stopRules';
import type { CompletionShape, GenerationShape } from '../../../model-runtime/protocol/messages';

/** Feeds `generated` character by character after `prefix↓suffix`; answers what is kept. */
function stopped(
  shape: CompletionShape | GenerationShape,
  around: string,
  generated: string,
  maxLines = 5,
) {
  const [prefix = '', suffix = ''] = around.split('↓');
  const rule = createStopRule({ shape, maxLines, prefix, suffix });
  for (let end = 1; end <= generated.length; end++) {
    const stop = rule(generated.slice(0, end));
    if (stop) return [stop.reason, stop.text];
  }
  return ['goes on', generated];
}

describe('createStopRule', () => {
  it('ends a line at its newline', () => {
    expect(stopped('line', 'a = ↓', 'b;\nc')).toEqual(['endOfLine', 'b;']);
    expect(stopped('line', 'a = b;↓', '\nc')).toEqual(['endOfLine', '']);
    expect(stopped('line', 'a = ↓', 'b;')).toEqual(['goes on', 'b;']);
  });

  it('ends a block after the most lines allowed', () => {
    expect(stopped('block', '↓', 'a;\nb;\nc;\n', 2)).toEqual(['endOfBlock', 'a;\nb;']);
    expect(stopped('block', 'f() {↓', '\n  a;\n  b;\n  c;\n', 2)).toEqual([
      'endOfBlock',
      '\n  a;\n  b;',
    ]);
  });

  it('ends a block at a blank line', () => {
    expect(stopped('block', '  ↓', 'a;\n\n  b;\n')).toEqual(['endOfBlock', 'a;']);
    expect(stopped('block', '  ↓', '\n  b;\n')).toEqual(['endOfBlock', '']);
  });

  it('ends a block where the indentation falls below the cursor’s line', () => {
    expect(stopped('block', '    ↓', 'a;\n    b;\n  }\n')).toEqual(['endOfBlock', 'a;\n    b;']);
  });

  it('takes the closer of a block that the completion opened', () => {
    expect(stopped('block', 'if (x) {↓', '\n  a;\n}\nb;\n')).toEqual(['endOfBlock', '\n  a;\n}']);
  });

  it('ends a block before a line that already follows the cursor', () => {
    expect(stopped('block', '  ↓\n\n  done();\n', 'a;\n  done();\n')).toEqual([
      'suffixReached',
      'a;',
    ]);
  });

  it('goes on over blank lines in what was asked for by command', () => {
    expect(stopped('passage', '  ↓', 'a;\n\n  b;\n}\n')).toEqual(['endOfBlock', 'a;\n\n  b;']);
    expect(stopped('passage', '↓', 'a;\n\nb;')).toEqual(['goes on', 'a;\n\nb;']);
  });

  it('closes a body with the bracket that ends it, unless that follows already', () => {
    expect(stopped('body', '  ↓', 'a;\n\n  b;\n}\nc;\n')).toEqual(['endOfBlock', 'a;\n\n  b;\n}']);
    expect(stopped('body', '  ↓\n}', 'a;\n}\n')).toEqual(['suffixReached', 'a;']);
    expect(stopped('body', '    ↓', 'a\n\ndef g():\n')).toEqual(['endOfBlock', 'a']);
  });

  it('ends what was asked for by command where it repeats itself', () => {
    const around = '// Adds two numbers\n↓';
    const once = 'function add(a, b) {\n  return a + b;\n}';
    expect(stopped('passage', around, `${once}\n\n// Adds two numbers\nf`, 20)).toEqual([
      'endOfBlock',
      once,
    ]);
    expect(stopped('passage', '↓', `${once}\n\n${once}\n`, 20)).toEqual(['endOfBlock', once]);
    expect(stopped('passage', '↓', 'a;\nb;\na;\nb;\nc', 20)).toEqual([
      'goes on',
      'a;\nb;\na;\nb;\nc',
    ]);
  });
});
