import { readdirSync } from 'node:fs';
import path from 'node:path';

/** Where Linux has the files of GPUs. */
const DEVICES = '/dev';
/** In its folder `dri`: what programs compute and draw by. A `card` alone only shows a picture. */
const RENDER_NODE = /^renderD/;
/** GPUs that may have no render node: NVIDIA's own driver (in containers, on Jetson), WSL, and drivers of boards and phones. */
const OWN_DEVICE = /^(nvidia|nvhost|nvgpu|nvmap|dxg|kgsl|mali|pvr)/;

/**
 * Whether Linux shows this process a GPU. Where it does not, Vulkan has software drivers at most, and to ask them what they are
 * loads them for good: lavapipe is 70 MB with LLVM. Drivers that were named by hand are to be asked whatever they need.
 */
export function hasGraphicsDevice(devices = DEVICES, environment = process.env): boolean {
  if (environment['VK_DRIVER_FILES'] ?? environment['VK_ICD_FILENAMES']) return true;
  return lists(path.join(devices, 'dri'), RENDER_NODE) || lists(devices, OWN_DEVICE);
}

/** Also true where the folder cannot be looked into. */
function lists(folder: string, name: RegExp): boolean {
  try {
    return readdirSync(folder).some((entry) => name.test(entry));
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOENT');
  }
}
