import * as onnxruntime from 'onnxruntime-node';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { GraphBuilder, type WrittenGraph } from '../../model-runtime/engines/onnx/graphBuilder';
import {
  createSession,
  loadOnnxRuntime,
  runFailure,
} from '../../model-runtime/engines/onnx/onnxSession';
import { DataType } from '../../model-runtime/engines/onnx/onnxSchema';

/** A graph with a weight, as every model has some. */
function graphOf(opType: string, contributed = false): WrittenGraph {
  const g = new GraphBuilder(opType);
  g.input('x', DataType.float, ['n']);
  const inputs = ['x', g.floats('weight', [1], Float32Array.of(2))];
  if (contributed) g.contribNode(opType, inputs, ['y']);
  else g.node(opType, inputs, ['y']);
  g.output('y', DataType.float, ['n']);
  return g.write();
}

describe('where onnxruntime does not work', () => {
  afterEach(() => {
    vi.doUnmock('onnxruntime-node');
    vi.resetModules();
  });

  it('a native library that does not load is engineUnavailable and says what to do', async () => {
    vi.resetModules();
    vi.doMock('onnxruntime-node', () => {
      throw new Error('libonnxruntime.so.1: cannot open shared object file');
    });
    const { loadOnnxRuntime } = await import('../../model-runtime/engines/onnx/onnxSession');
    await expect(loadOnnxRuntime()).rejects.toMatchObject({
      code: 'engineUnavailable',
      message: expect.stringMatching(/could not be loaded.*choose another engine/s) as unknown,
    });
  });

  it('a graph that it refuses is engineUnavailable with its reason', async () => {
    const graph = graphOf('NoSuchOperator', true);
    await expect(createSession(await loadOnnxRuntime(), graph, 1)).rejects.toMatchObject({
      code: 'engineUnavailable',
      message: expect.stringContaining('NoSuchOperator') as unknown,
    });
  });

  it('a run that fails is internal with its reason', async () => {
    const session = await createSession(await loadOnnxRuntime(), graphOf('Add'), 1);
    const wrong = new onnxruntime.Tensor('int32', Int32Array.of(1), [1]);
    const error: unknown = await session.run({ x: wrong }).catch((e: unknown) => e);
    expect(runFailure('running the model', error)).toMatchObject({ code: 'internal' });
    await session.release();
  });
});

describe('an allocation that fails', () => {
  it('is outOfMemory and says what to do', () => {
    let thrown: unknown;
    try {
      new ArrayBuffer(2 ** 46);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(RangeError);
    expect(runFailure('keeping the state of a document', thrown)).toMatchObject({
      code: 'outOfMemory',
      message: expect.stringMatching(/not enough memory while keeping.*memory budget/s) as unknown,
    });
  });

  it('of onnxruntime is outOfMemory too', async () => {
    const g = new GraphBuilder('huge');
    g.input('shape', DataType.int64, [1]);
    g.node('ConstantOfShape', ['shape'], ['zeros']);
    g.node('Add', ['zeros', g.floats('weight', [1], Float32Array.of(2))], ['y']);
    g.output('y', DataType.float, ['n']);
    const session = await createSession(await loadOnnxRuntime(), g.write(), 1);
    const shape = new onnxruntime.Tensor('int64', BigInt64Array.of(2n ** 45n), [1]);
    const error: unknown = await session.run({ shape }).catch((e: unknown) => e);
    expect(runFailure('running the model', error)).toMatchObject({ code: 'outOfMemory' });
    await session.release();
  });
});
