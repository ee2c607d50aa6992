import { createCpuEngine } from '../../model-runtime/engines/cpu/cpuEngine';
import type { Engine } from '../../model-runtime/engines/engine';
import { createOnnxEngine } from '../../model-runtime/engines/onnx/onnxEngine';
import type { ModelConfig } from '../../model-runtime/model/config';
import type { ModelWeights } from '../../model-runtime/model/weights';
import { createWebgpuEngine } from '../../model-runtime/engines/webgpu/webgpuEngine';
import { unsupported } from '../../model-runtime/engines/webgpu/supportedModels';
import { PROGRAM_FOLDER } from './cpuProgram';

/** One way of running a model that the shared suites hold against the reference. */
export interface EngineUnderTest {
  name: string;
  create: (weights: ModelWeights) => Promise<Engine>;
  /** Relative L2 to f64 of logits and states of small random models. */
  smallModelLimit: number;
  /** Relative L2 to f64 on the shipped model: of the best logits, and of the first numbers of a layer's states. */
  goldenLimits: { logits: number; states: number } | undefined;
  /** Models with this configuration are refused as `engineUnavailable`. */
  refuses?: (config: ModelConfig) => boolean;
  /** It runs on a GPU in software, which takes seconds for a token of the shipped model: small models only. */
  isSlow?: boolean;
}

/** Tests run on SwiftShader (softwareGpu.ts), where fewer threads are faster. */
export const SOFTWARE_GPU = {
  allowsSoftware: true,
  maxChunkTokens: 64,
  rowThreads: { workgroup: 32, lanes: 4 },
};

export const ENGINES: EngineUnderTest[] = [
  {
    name: 'webgpu',
    create: (weights) => createWebgpuEngine(weights, SOFTWARE_GPU),
    smallModelLimit: 1e-5,
    goldenLimits: { logits: 1e-3, states: 1e-3 },
    isSlow: true,
    refuses: (config) => unsupported(config) !== undefined,
  },
  {
    name: 'onnx in f32',
    create: (weights) => createOnnxEngine(weights, { threads: 1, arithmetic: 'f32' }),
    smallModelLimit: 1e-5,
    goldenLimits: { logits: 1e-3, states: 1e-3 },
  },
  {
    // It rounds activations to 8 bits before each product.
    name: 'onnx in int8',
    create: (weights) => createOnnxEngine(weights, { threads: 1, arithmetic: 'int8' }),
    smallModelLimit: 5e-2,
    goldenLimits: undefined,
  },
  {
    // It rounds activations to 14 bits before each product.
    name: 'cpu with one thread',
    create: (weights) => createCpuEngine(weights, { threads: 1, programFolder: PROGRAM_FOLDER }),
    smallModelLimit: 1e-3,
    goldenLimits: { logits: 1e-3, states: 4e-3 },
  },
  {
    name: 'cpu without relaxed SIMD',
    create: (weights) =>
      createCpuEngine(weights, { threads: 1, programFolder: PROGRAM_FOLDER, isPlain: true }),
    smallModelLimit: 1e-3,
    goldenLimits: { logits: 1e-3, states: 4e-3 },
  },
  {
    name: 'cpu with three threads',
    create: (weights) => createCpuEngine(weights, { threads: 3, programFolder: PROGRAM_FOLDER }),
    smallModelLimit: 1e-3,
    goldenLimits: { logits: 1e-3, states: 4e-3 },
  },
];
