import { expect, it } from 'vitest';
import { sumUp } from '../../../bench/memory/residentMemory';

const SMAPS = `00400000-00b4a000 r--p 00000000 fe:00 1234                               /opt/node with space
Rss:                3000 kB
Anonymous:             0 kB
00b4a000-00b8a000 rw-p 00749000 fe:00 1234                               /opt/node with space
Rss:                 200 kB
Anonymous:           150 kB
158fe000-15dc3000 rw-p 00000000 00:00 0                                  [heap]
Rss:                9000 kB
Anonymous:          9000 kB
7f12767f0000-7f127f7f0000 rw-p 00000000 00:00 0 
Rss:                5000 kB
Anonymous:          4000 kB
7f127f7f0000-7f127f800000 rw-p 00000000 00:00 0 
Rss:                  50 kB
Anonymous:            50 kB
7f14c74e3000-7f14c7600000 rw-p 00000000 00:00 0 
Rss:                 100 kB
Anonymous:           100 kB
VmFlags: rd wr mr mw me ac
`;

it('tells pages of files, the largest piece without a name, and everything together', () => {
  expect(sumUp(SMAPS)).toEqual({
    total: 17_350 * 1024,
    files: 4050 * 1024,
    engine: 4050 * 1024,
  });
});
