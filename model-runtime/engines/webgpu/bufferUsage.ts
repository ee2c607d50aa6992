/** GPUBufferUsage and GPUMapMode of the WebGPU specification; Dawn offers them only as globals of its own. */
export const BufferUsage = {
  mapRead: 0x0001,
  copySource: 0x0004,
  copyDestination: 0x0008,
  uniform: 0x0040,
  storage: 0x0080,
  queryResolve: 0x0200,
} as const;

export const MAP_MODE_READ = 0x0001;
/** GPUShaderStage.COMPUTE. */
export const COMPUTE_STAGE = 0x4;
