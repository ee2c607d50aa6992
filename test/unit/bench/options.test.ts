import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../../bench/options';
import { spreadOf } from '../../../bench/statistics';

describe('options of the benchmark', () => {
  it('measures llama.cpp beside the engine that is asked for', () => {
    expect(parseOptions(['--engine', 'onnx', '--json'])).toMatchObject({
      engines: [{ engine: 'onnx' }, { engine: 'llama.cpp' }],
      threads: [1, 2],
      prefillTokens: [64, 256],
      json: true,
    });
  });

  it('measures the default engine, with what it is compared with, when none is named', () => {
    expect(parseOptions([]).engines).toEqual([
      { engine: 'cpu', weights: 'int8' },
      { engine: 'cpu', weights: 'int4' },
      { engine: 'onnx', arithmetic: 'int8' },
      { engine: 'llama.cpp' },
    ]);
  });

  it('leaves llama.cpp out when the engine is to be alone', () => {
    expect(parseOptions(['--engine', 'onnx:f32', '--alone']).engines).toEqual([
      { engine: 'onnx', arithmetic: 'f32' },
    ]);
  });

  it('takes the weights of an engine that has a choice, and of no other', () => {
    expect(parseOptions(['--engine', 'webgpu:int4', '--alone']).engines).toEqual([
      { engine: 'webgpu', weights: 'int4' },
    ]);
    expect(() => parseOptions(['--engine', 'onnx:int4'])).toThrow(
      /int8 and int4 for cpu and webgpu/,
    );
  });

  it('refuses an engine that does not exist and names those that do', () => {
    expect(() => parseOptions(['--engine', 'cuda'])).toThrow(/onnx, reference, llama\.cpp and all/);
  });

  it.each(['0', 'two', '1.5', ''])('refuses «%s» as a number of threads', (threads) => {
    expect(() => parseOptions(['--threads', threads])).toThrow(/whole number from 1/);
  });
});

describe('spread of a measurement', () => {
  it('takes the middle of an odd number of samples', () => {
    expect(spreadOf([9, 1, 5])).toEqual({ median: 5, min: 1, max: 9, samples: 3 });
  });

  it('takes the mean of the two in the middle of an even number', () => {
    expect(spreadOf([4, 1, 8, 2]).median).toBe(3);
  });
});
