import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const LOADER = 'libvulkan.so.1';
/** Names of all libraries that the dynamic linker knows. */
const LINKER_CACHE = '/etc/ld.so.cache';
const USUAL_FOLDERS = ['/usr/lib', '/usr/lib64', '/usr/local/lib', '/lib'];

/** Whether Dawn would find Vulkan on Linux. Without it Dawn writes a warning of several lines to standard error. */
export function hasVulkanLoader(): boolean {
  const listed = (process.env['LD_LIBRARY_PATH'] ?? '').split(':').filter(Boolean);
  const isThere = [...listed, ...USUAL_FOLDERS].some((folder) =>
    existsSync(path.join(folder, LOADER)),
  );
  return isThere || (existsSync(LINKER_CACHE) && readFileSync(LINKER_CACHE).includes(LOADER));
}
