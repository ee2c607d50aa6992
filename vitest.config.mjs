import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{unit,kernels,runtime}/**/*.test.ts'],
    globalSetup: ['test/support/cpuProgram.ts'],
    testTimeout: 30_000,
    // Model tests keep up to a gigabyte each; two at a time fit a small machine.
    pool: 'forks',
    maxWorkers: 2,
  },
});
