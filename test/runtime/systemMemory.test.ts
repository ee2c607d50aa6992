import { expect, it } from 'vitest';
import { giveBackCode } from '../../model-runtime/systemMemory';
import { memoryMappings } from '../support/memoryMappings';

/** KB of code that are in memory. */
function codeKilobytes(): number {
  const code = memoryMappings('self').filter((mapping) => /^\S+ r-xp \S+ \S+ [1-9]/.test(mapping));
  return code.reduce((sum, mapping) => sum + Number(/^Rss:\s+(\d+)/m.exec(mapping)?.[1]), 0);
}

it.runIf(process.platform === 'linux')('gives back code, which goes on running', () => {
  const before = codeKilobytes();
  giveBackCode();
  expect(codeKilobytes()).toBeLessThan(before / 2);
  expect(JSON.stringify([new Intl.NumberFormat('en').format(1e6)])).toBe('["1,000,000"]');
});
