import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createGpuEngine } from '../../../model-runtime/engines/fasterEngine';
import { openGpu } from '../../../model-runtime/engines/webgpu/gpuContext';
import { hasGraphicsDevice } from '../../../model-runtime/engines/webgpu/graphicsDevice';
import { temporaryFolder } from '../../support/modelFolder';

vi.mock('../../../model-runtime/engines/webgpu/gpuContext', () => ({ openGpu: vi.fn() }));

async function finds(files: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  await using folder = await temporaryFolder();
  for (const file of files) {
    const place = path.join(folder.path, file);
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, '');
  }
  return hasGraphicsDevice(folder.path, environment);
}

describe('a device of a GPU', () => {
  it.each([
    ['a render node', ['null', 'dri/card1', 'dri/renderD128']],
    ['NVIDIA in a container', ['nvidiactl', 'nvidia0', 'nvidia-uvm']],
    ['WSL', ['dxg']],
    ['a Jetson', ['nvhost-gpu', 'nvmap']],
    ['a phone', ['kgsl-3d0']],
    ['a board', ['mali0']],
  ])('is found: %s', async (_name, files) => {
    expect(await finds(files)).toBe(true);
  });

  it.each([
    ['nothing of the kind', ['null', 'nvram', 'nvme0n1']],
    ['only a screen', ['null', 'dri/card0', 'dri/by-path/pci-0000:00:02.0-card']],
  ])('is not found: %s', async (_name, files) => {
    expect(await finds(files)).toBe(false);
  });

  it('is taken for granted where drivers were named, and where nobody may look', async () => {
    expect(await finds(['null'], { VK_DRIVER_FILES: '/driver.json' })).toBe(true);
    expect(await finds(['null'], { VK_ICD_FILENAMES: '/driver.json' })).toBe(true);
    // A file in the place of the folder: looking into it fails, but not because nothing is there.
    expect(await finds(['dri'])).toBe(true);
  });
});

describe('without one', () => {
  afterEach(() => vi.unstubAllEnvs());

  it.skipIf(process.platform !== 'linux')(
    '“auto” asks for a GPU exactly where Linux shows one',
    async () => {
      vi.stubEnv('VK_DRIVER_FILES', undefined);
      vi.stubEnv('VK_ICD_FILENAMES', undefined);
      vi.mocked(openGpu).mockRejectedValue(new Error('asked'));
      const load = vi.fn();
      expect(await createGpuEngine(load, 'int8')).toBeUndefined();
      expect(openGpu).toHaveBeenCalledTimes(hasGraphicsDevice() ? 1 : 0);
      vi.stubEnv('VK_DRIVER_FILES', '/driver.json');
      expect(await createGpuEngine(load, 'int8')).toBeUndefined();
      expect(openGpu).toHaveBeenCalled();
      expect(load).not.toHaveBeenCalled();
    },
  );
});
