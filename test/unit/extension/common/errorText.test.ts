import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { expect, it } from 'vitest';
import { errorText } from '../../../../extension/common/errorText';
import type { RuntimeErrorCode } from '../../../../model-runtime/protocol/errors';

const KOREAN = path.resolve(__dirname, '../../../../l10n/bundle.l10n.ko.json');

const CODES: Readonly<Record<RuntimeErrorCode, RegExp>> = {
  modelNotFound: /^모델을 찾을 수 없습니다/,
  modelCorrupt: /^모델 파일이 손상/,
  engineUnavailable: /엔진을 실행할 수 없습니다/,
  deviceLost: /^그래픽 장치/,
  outOfMemory: /^메모리가 부족합니다/,
  protocolMismatch: /버전이 다릅니다/,
  runtimeExited: /^모델 런타임이 종료/,
  internal: /^모델 런타임에서 오류/,
};

it('says every failure in the editor’s language, the runtime’s own message behind it', () => {
  const content: unknown = JSON.parse(readFileSync(KOREAN, 'utf8'));
  const korean = v.parse(v.record(v.string(), v.string()), content);
  for (const [code, expected] of Object.entries(CODES)) {
    const error = { code: code as RuntimeErrorCode, message: 'It said this.' };
    const text = errorText(error, (message) => korean[message] ?? message);
    expect(text).toMatch(expected);
    expect(text).toMatch(/ \(It said this\.\)$/);
  }
});

it('leaves the runtime’s message as it is in English', () => {
  const error = { code: 'internal', message: 'It said this.' } as const;
  expect(errorText(error, (message) => message)).toBe('It said this.');
});
