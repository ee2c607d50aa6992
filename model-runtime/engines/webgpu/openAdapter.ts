import { RuntimeError } from '../../protocol/errors';
import { hasVulkanLoader } from './vulkanLoader';

/** An adapter that may be used, and what people are told about it. */
export interface OpenedAdapter {
  adapter: GPUAdapter;
  /** As the driver names it. */
  name: string;
  /** It computes on the processor: SwiftShader, llvmpipe, WARP. */
  isSoftware: boolean;
  /** What its shaders may use besides the first version of WGSL. */
  languageFeatures: ReadonlySet<string>;
}

export interface OpenAdapterOptions {
  /** Takes a software adapter too: for tests. */
  allowsSoftware?: boolean;
  /** Switches of Dawn in place of the usual ones, for measurements. */
  dawnFlags?: readonly string[];
}

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|\bwarp\b|basic render/i;

/**
 * Our kernels check every index themselves and write workgroup memory before they read it, so Dawn need not clamp and clear.
 * See docs/webgpu-engine.md for what that is worth.
 */
const USUAL_FLAGS = ['enable-dawn-features=disable_robustness,disable_workgroup_init'];

/** Dawn crashes when one of these is collected, so they stay reachable as long as the process lives. */
const instances: GPU[] = [];

/** Throws `engineUnavailable` where there is no usable adapter, or no Dawn for this platform. */
export async function openAdapter(options: OpenAdapterOptions = {}): Promise<OpenedAdapter> {
  if (process.platform === 'linux' && !hasVulkanLoader()) {
    throw unavailable('This machine has no Vulkan (libvulkan.so.1).');
  }
  const gpu = await startDawn([...(options.dawnFlags ?? USUAL_FLAGS)]);
  const adapter = await requestAdapter(gpu);
  if (!adapter) {
    throw unavailable('No GPU with a driver for Vulkan, Metal or Direct3D 12 was found.');
  }
  const { info } = adapter;
  const name = info.description || info.device || `${info.vendor} ${info.architecture}`;
  const isSoftware =
    info.isFallbackAdapter || SOFTWARE.test(`${name} ${info.device} ${info.architecture}`);
  if (isSoftware && !options.allowsSoftware) {
    throw unavailable(`The only GPU adapter, ${name}, computes on the processor.`);
  }
  return { adapter, name, isSoftware, languageFeatures: gpu.wgslLanguageFeatures };
}

async function startDawn(flags: string[]): Promise<GPU> {
  try {
    const dawn = await import('webgpu');
    const gpu = dawn.create(flags);
    instances.push(gpu);
    return gpu;
  } catch (error) {
    throw notStarted(error);
  }
}

async function requestAdapter(gpu: GPU): Promise<GPUAdapter | null> {
  try {
    return await gpu.requestAdapter({ powerPreference: 'high-performance' });
  } catch (error) {
    throw notStarted(error);
  }
}

function notStarted(error: unknown): RuntimeError {
  return unavailable(`WebGPU could not be started: ${String(error)}.`, error);
}

export function unavailable(problem: string, cause?: unknown): RuntimeError {
  return new RuntimeError(
    'engineUnavailable',
    `${problem} The webgpu engine cannot run; choose the cpu engine in the settings.`,
    { cause },
  );
}
