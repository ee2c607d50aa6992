import { describe, expect, it } from 'vitest';
import type { RequestSituation } from '../../../../extension/completion/requestDecision';
import { decideRequest } from '../../../../extension/completion/requestDecision';
import { place } from '../support/textNotation';

interface Options {
  languageId?: string;
  path?: string;
  isExplicit?: boolean;
  settings?: Partial<RequestSituation['settings']>;
}

function decide(notation: string, options: Options = {}): string {
  const { languageId, path = 'src/a.ts', isExplicit = false } = options;
  const decision = decideRequest({
    ...place(notation, { languageId }),
    path,
    isExplicit,
    settings: {
      enable: true,
      languages: { '*': true },
      trigger: 'automatic',
      multiline: 'auto',
      minimumPrefix: 0,
      inComments: true,
      inStrings: true,
      ...options.settings,
    },
  });
  return decision.kind === 'request' ? decision.shape : decision.reason;
}

describe('the shape', () => {
  it.each([
    ['const a = ↓', 'line'],
    ['foo(↓)', 'line'],
    ['  ↓', 'block'],
    ['↓', 'block'],
    ['function f() {↓', 'block'],
    ['const f = () =>↓', 'block'],
    ['const f = () => ↓', 'block'],
    ['function f() {\n  ret↓', 'block'],
    ['function f() {\n  a();\n  ret↓', 'line'],
    ['  ↓  ', 'block'],
    // an empty body, and below a comment that asks
    ['function f() {\n  ↓\n}', 'block'],
    ['// Returns the sum of both.\n↓', 'block'],
    ['a();\n// Then b.\n↓', 'block'],
    ['  ↓ }', 'line'],
    ['switch (a) {\n  case 1:↓', 'block'],
    ['const a:↓', 'line'],
  ])('of %j is %s', (notation, expected) => {
    expect(decide(notation)).toBe(expected);
  });

  it('is a block after a colon in Python', () => {
    expect(decide('def f():↓', { languageId: 'python' })).toBe('block');
    expect(decide('def f():\n    re↓', { languageId: 'python' })).toBe('block');
  });

  it('follows the setting', () => {
    expect(decide('{↓', { settings: { multiline: 'never' } })).toBe('line');
    expect(decide('const a = ↓', { settings: { multiline: 'always' } })).toBe('block');
    expect(decide('foo(↓)', { settings: { multiline: 'always' } })).toBe('line');
  });
});

describe('nothing is asked', () => {
  it.each([
    ['fo↓o', 'insideWord'],
    ['a = ↓größe', 'insideWord'],
    ['foo(↓, bar)', 'textAfterCursor'],
    ['a ↓ = b', 'textAfterCursor'],
    ['a\u0000b↓', 'binaryText'],
    ['\u0001\u0002\u0003\u0004abc↓', 'binaryText'],
    ['"\ud83d↓\ude00"', 'insideCharacter'],
  ])('at %j: %s', (notation, expected) => {
    expect(decide(notation)).toBe(expected);
  });

  it.each([
    ...['.env', 'config/.env.local', 'prod.env', 'key.pem', 'a/b/id_rsa', 'Server.KEY'],
    ...['.aws/config', 'home/.ssh/config', '.kube/config', 'prod.tfvars', 'secrets.yaml'],
    ...['service-account.json', 'gcp/serviceAccountKey.json', '.vault-token', 'api.token'],
  ])('in %s, which holds secrets', (path) => {
    expect(decide('A=↓', { path })).toBe('secretFile');
    expect(decide('A=↓', { path, isExplicit: true })).toBe('secretFile');
  });

  it.each([
    '.env.example',
    'src/environment.ts',
    'keys.ts',
    'src/key/index.ts',
    'src/secrets.ts',
    'src/serviceAccount.ts',
    '.docker/a.ts',
  ])('is not said of %s', (path) => {
    expect(decide('A=↓', { path })).toBe('line');
  });

  it('when it is switched off', () => {
    const explicit = { isExplicit: true };
    expect(decide('a↓', { ...explicit, settings: { enable: false } })).toBe('disabled');
    expect(decide('a↓', { ...explicit, settings: { languages: { typescript: false } } })).toBe(
      'languageDisabled',
    );
    expect(decide('a↓', { settings: { trigger: 'manual' } })).toBe('manualTrigger');
  });
});

it('asks at unlikely places when the user does', () => {
  const explicit = { isExplicit: true };
  expect(decide('fo↓o', explicit)).toBe('line');
  expect(decide('foo(↓, bar)', explicit)).toBe('line');
  expect(decide('a↓', { ...explicit, settings: { trigger: 'manual' } })).toBe('line');
});

it('asks in front of closers and punctuation', () => {
  for (const rest of [')', ');', ' });', '"', "')", ') {', '>', ']', ':', ',', '  ']) {
    expect(decide(`a↓${rest}`), rest).toBe('line');
  }
});

describe('while typing, the settings', () => {
  it.each([
    ['const a = 1; // ↓', { inComments: false }, 'insideComment'],
    ['/*\n * ↓\n */', { inComments: false }, 'insideComment'],
    ['const a = "↓"', { inStrings: false }, 'insideString'],
    ['const a = 1; // ↓', { inStrings: false }, 'line'],
    ['const a = ↓', { inComments: false, inStrings: false }, 'line'],
    ['ab↓', { minimumPrefix: 3 }, 'shortPrefix'],
    ['  abc↓', { minimumPrefix: 3 }, 'line'],
    ['  ↓', { minimumPrefix: 1 }, 'shortPrefix'],
  ])('at %j with %j give %s', (notation, settings, expected) => {
    expect(decide(notation, { languageId: 'typescript', settings })).toBe(expected);
    expect(decide(notation, { languageId: 'typescript', settings, isExplicit: true })).toMatch(
      /line|block/,
    );
  });
});
