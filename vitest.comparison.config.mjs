import { defineConfig } from 'vitest/config';
import gate from './vitest.config.mjs';

/** What needs programs that only the benchmarks install. */
export default defineConfig({
  ...gate,
  test: { ...gate.test, include: ['test/comparison/**/*.test.ts'] },
});
