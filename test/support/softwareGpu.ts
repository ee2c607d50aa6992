import { existsSync } from 'node:fs';
import path from 'node:path';

/** Where Debian's chromium has a Vulkan loader and SwiftShader, a GPU in software. */
const FOLDER = process.env['SWIFTSHADER_FOLDER'] ?? '/usr/lib/chromium';
const LOADER = 'libvulkan.so.1';
const DRIVER = 'vk_swiftshader_icd.json';

/**
 * Vitest's global setup: the processes that run the tests see SwiftShader as the only GPU, also on a machine with a real one.
 * The loader is found by the folder that these processes start with. Tests of the GPU never skip.
 */
export default function chooseSoftwareGpu(): void {
  for (const file of [LOADER, DRIVER]) {
    if (!existsSync(path.join(FOLDER, file))) {
      throw new Error(
        `The GPU tests need SwiftShader, and ${FOLDER} has no ${file}: scripts/setupDebian.sh installs it, or set SWIFTSHADER_FOLDER.`,
      );
    }
  }
  process.env['LD_LIBRARY_PATH'] = [FOLDER, process.env['LD_LIBRARY_PATH']]
    .filter(Boolean)
    .join(':');
  process.env['VK_DRIVER_FILES'] = path.join(FOLDER, DRIVER);
}
