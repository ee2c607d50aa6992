import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  compileOptimized,
  joinVectors,
  keepVectorsApart,
} from '../../model-runtime/engines/cpu/joinedVectors';
import { PROGRAM_FOLDER } from './cpuProgram';

/** `joined` is the relaxed build with neighbouring vectors joined by V8 (joinedVectors.ts). */
export type BuildName = 'simd' | 'relaxed' | 'joined';
export const BUILDS: BuildName[] = ['simd', 'relaxed', 'joined'];

/** One build of the module on a memory of its own, with a bump allocator: what kernels are called with in tests. */
export class CpuKernels {
  readonly memory = new WebAssembly.Memory({ initial: 512, maximum: 65536, shared: true });
  private readonly functions: Record<string, (...args: number[]) => number>;
  private end = 65536;

  constructor(readonly build: BuildName) {
    compileOptimized();
    // Functions are compiled when they are first called, which is before the next test makes another one of these.
    if (build === 'joined') joinVectors();
    else keepVectorsApart();
    const file = build === 'simd' ? 'cpu.simd.wasm' : 'cpu.relaxed.wasm';
    const bytes = readFileSync(path.join(PROGRAM_FOLDER, file));
    // An empty section with the build's name: V8 keeps compiled code by a module's bytes.
    const section = Buffer.from(`\0${String.fromCharCode(build.length + 1, build.length)}${build}`);
    const module = new WebAssembly.Module(Buffer.concat([bytes, section]));
    const { exports } = new WebAssembly.Instance(module, {
      env: { memory: this.memory, abort: () => undefined },
    });
    this.functions = exports as Record<string, (...args: number[]) => number>;
  }

  call(name: string, ...args: number[]): number {
    return this.functions[name](...args);
  }

  /** Address of bytes that are all ones, which as f32 is NaN: what is not written shows. */
  space(sizeBytes: number): number {
    const address = this.end;
    this.end = Math.ceil((address + sizeBytes) / 64) * 64;
    new Uint8Array(this.memory.buffer, address, sizeBytes).fill(0xff);
    return address;
  }

  zeros(sizeBytes: number): number {
    const address = this.space(sizeBytes);
    new Uint8Array(this.memory.buffer, address, sizeBytes).fill(0);
    return address;
  }

  floats(values: ArrayLike<number>): number {
    const address = this.space(values.length * 4);
    this.readFloats(address, values.length).set(values);
    return address;
  }

  bytes(values: Int8Array | Uint8Array | Uint16Array | Int32Array): number {
    const address = this.space(values.byteLength);
    const source = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    new Uint8Array(this.memory.buffer, address, values.byteLength).set(source);
    return address;
  }

  readFloats(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length);
  }

  readBytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address, length);
  }

  readHalves(address: number, length: number): Uint16Array {
    return new Uint16Array(this.memory.buffer, address, length);
  }
}
