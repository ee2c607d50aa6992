import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** Where Mesa says which drivers it has; LAVAPIPE_DRIVER names the description of another lavapipe. */
const FOLDER = '/usr/share/vulkan/icd.d';

/**
 * Vitest's set-up of `*.lavapipe.test.ts`: the process sees lavapipe, Mesa's Vulkan in software, as the only GPU. It has f16 and
 * subgroups of eight, and is slow at compiling but much faster than SwiftShader at large products. Tests of it never skip.
 */
function chooseLavapipe(): void {
  const found = existsSync(FOLDER)
    ? readdirSync(FOLDER).find((name) => /^lvp_icd.*json$/.test(name))
    : undefined;
  const driver = process.env['LAVAPIPE_DRIVER'] ?? (found && path.join(FOLDER, found));
  if (driver === undefined) {
    throw new Error(
      `These tests need lavapipe of Mesa 24 or newer, and ${FOLDER} has none: scripts/setupDebian.sh installs it, or set LAVAPIPE_DRIVER.`,
    );
  }
  process.env['VK_DRIVER_FILES'] = driver;
  // Compiling takes most of the time of small tests, and less of it without LLVM's optimisations.
  process.env['GALLIVM_PERF'] = 'nopt';
}

chooseLavapipe();
