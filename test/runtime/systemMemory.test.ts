import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { giveBackCode } from '../../model-runtime/systemMemory';

/** KB of code that are in memory. */
function codeKilobytes(): number {
  const mappings = readFileSync('/proc/self/smaps', 'utf8').split(/^(?=[0-9a-f]+-)/m);
  const code = mappings.filter((mapping) => /^\S+ r-xp \S+ \S+ [1-9]/.test(mapping));
  return code.reduce((sum, mapping) => sum + Number(/^Rss:\s+(\d+)/m.exec(mapping)?.[1]), 0);
}

it.runIf(process.platform === 'linux')('gives back code, which goes on running', () => {
  const before = codeKilobytes();
  giveBackCode();
  expect(codeKilobytes()).toBeLessThan(before / 2);
  expect(JSON.stringify([new Intl.NumberFormat('en').format(1e6)])).toBe('["1,000,000"]');
});
