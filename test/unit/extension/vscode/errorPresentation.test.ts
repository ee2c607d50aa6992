import { expect, it } from 'vitest';
import { presentError } from '../../../../extension/vscode/errorPresentation';

it('offers what the user can do, and notifies only then', () => {
  const mendable = [
    'modelNotFound',
    'modelCorrupt',
    'engineUnavailable',
    'protocolMismatch',
    'outOfMemory',
    'deviceLost',
  ] as const;
  for (const code of mendable) {
    const { notifies, actions } = presentError(code);
    expect(notifies, code).toBe(true);
    expect(actions.length, code).toBeGreaterThan(0);
  }
  // The client starts the runtime again by itself; a request that failed never causes a popup.
  for (const code of ['runtimeExited', 'internal'] as const) {
    expect(presentError(code), code).toMatchObject({ notifies: false, severity: 'warning' });
  }
});
