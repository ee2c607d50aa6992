import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import * as v from 'valibot';
import { expect, it } from 'vitest';

const root = path.resolve(__dirname, '../../../..');
const folders = ['extension/vscode', 'extension/completion', 'extension/common'].map((name) =>
  path.join(root, name),
);

/** Every text that the code asks translations of: the first argument of a call to `t`. */
function textsInCode(): Set<string> {
  const texts = new Set<string>();
  const files = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.ts'))
      .map((file) => path.join(folder, file)),
  );
  for (const name of files) {
    const code = readFileSync(name, 'utf8');
    const visit = (node: ts.Node) => {
      if (ts.isCallExpression(node) && /(?:^|\.)t$/.test(node.expression.getText())) {
        const [text] = node.arguments;
        if (text === undefined || !ts.isStringLiteralLike(text)) {
          throw new Error(`${name}: a text to translate is no literal: ${node.getText()}`);
        }
        texts.add(text.text);
      }
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(name, code, ts.ScriptTarget.Latest, true));
  }
  return texts;
}

function bundle(name: string): Record<string, string> {
  const content: unknown = JSON.parse(readFileSync(path.join(root, 'l10n', name), 'utf8'));
  return v.parse(v.record(v.string(), v.string()), content);
}

const placeholders = (text: string) => [...text.matchAll(/\{\d\}/g)].map(([found]) => found).sort();

it('has every text of the code in English and Korean, and no other', () => {
  const texts = [...textsInCode()].sort();
  expect(texts.length).toBeGreaterThan(50);
  expect(Object.keys(bundle('bundle.l10n.json')).sort()).toEqual(texts);
  expect(Object.keys(bundle('bundle.l10n.ko.json')).sort()).toEqual(texts);
});

it('keeps the places of values', () => {
  for (const [english, korean] of Object.entries(bundle('bundle.l10n.ko.json'))) {
    expect(placeholders(korean), english).toEqual(placeholders(english));
  }
});
