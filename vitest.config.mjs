import { defineConfig } from 'vitest/config';

/** WGSL files are text, as esbuild takes them. */
const wgsl = {
  name: 'wgsl',
  /** @type {(code: string, id: string) => string | undefined} */
  transform: (code, id) =>
    id.endsWith('.wgsl') ? `export default ${JSON.stringify(code)}` : undefined,
};

export default defineConfig({
  plugins: [wgsl],
  test: {
    globalSetup: ['test/support/cpuProgram.ts', 'test/support/softwareGpu.ts'],
    testTimeout: 30_000,
    // Model tests keep up to a gigabyte each; two at a time fit a small machine.
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'usual',
          include: ['test/{unit,kernels,runtime}/**/*.test.ts'],
          exclude: ['**/*.lavapipe.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'lavapipe',
          include: ['test/{kernels,runtime}/**/*.lavapipe.test.ts'],
          setupFiles: ['test/support/lavapipe.ts'],
        },
      },
    ],
  },
});
