import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { postProcess } from '../../../../extension/completion/postProcessing';
import { decideRequest } from '../../../../extension/completion/requestDecision';
import { parseSettings } from '../../../../extension/settings/parse';
import { createStopRule } from '../../../../model-runtime/generation/stopRules';
import { place } from '../support/textNotation';

const FOLDER = path.resolve(__dirname, '../../../fixtures/shape');

interface Case {
  language: string;
  document: string;
  said: string;
  expected: string;
}

/** Of a file in the notation of test/fixtures/shape/README.md. */
function readCases(file: string): Case[] {
  const lines = readFileSync(path.join(FOLDER, file), 'utf8').split('\n');
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [language = '', document = '', said = '', expected = ''] = line
        .split(' | ')
        .map((text) => text.replaceAll('␍⏎', '\r\n').replaceAll('⏎', '\n').replaceAll('⇥', '\t'));
      return { language, document, said, expected };
    });
}

/** What the document becomes, from the decision what to ask to what is inserted. The model's text ends where the stop rule says. */
function inserted({ language, document, said }: Case): string {
  const eol = document.includes('\r\n') ? '\r\n' : '\n';
  const { source, position } = place(document, { eol, languageId: language });
  const { settings } = parseSettings(() => undefined);
  const decision = decideRequest({ source, position, path: 'a', isExplicit: true, settings });
  if (decision.kind === 'skipped') return decision.reason;
  const { shape } = decision;
  const at = document.indexOf('↓');
  const [before, after] = [document.slice(0, at), document.slice(at + 1)];
  const [prefix, suffix] = [before.replaceAll('\r\n', '\n'), after.replaceAll('\r\n', '\n')];
  const { maxLines } = settings;
  const stopRule = createStopRule({ shape, maxLines, prefix, suffix });
  const stop = [...said].map((_, i) => stopRule(said.slice(0, i + 1))).find(Boolean);
  const above = prefix.split('\n').slice(0, -1);
  const lineBefore = prefix.slice(prefix.lastIndexOf('\n') + 1);
  const text = stop?.text ?? said;
  const suggestion = postProcess({
    ...{ text, shape, maxLines, isFinished: true, above, lineBefore, suffix, eol },
  });
  if (suggestion === undefined) return 'nothing';
  return `${before}[${suggestion.insertText}]${after.slice(suggestion.replacedAfter)}`;
}

const files = readdirSync(FOLDER).filter((file) => file.endsWith('.txt'));

describe.each(files)('%s', (file) => {
  it.each(readCases(file))('$language: $document + $said', (one) => {
    expect(inserted(one)).toBe(one.expected);
  });
});

it('has 150 cases or more over ten languages or more', () => {
  const cases = files.flatMap(readCases);
  expect(cases.length).toBeGreaterThanOrEqual(150);
  expect(new Set(cases.map(({ language }) => language)).size).toBeGreaterThanOrEqual(10);
});
