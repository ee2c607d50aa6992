/** A model of random weights; all have about the same number of parameters. */
export type LongModel = 'mamba1' | 'mamba2' | 'transformer';

export interface LongSubject {
  engine: 'cpu' | 'onnx' | 'webgpu' | 'llama.cpp';
  model: LongModel;
}

const ENGINES = ['cpu', 'onnx', 'webgpu', 'llama.cpp'] as const;
const MODELS = ['mamba1', 'mamba2', 'transformer'] as const;

/** All that a machine without a GPU can run. */
export const USUAL_SUBJECTS = [
  'cpu:mamba2',
  'cpu:mamba1',
  'onnx:mamba2',
  'onnx:mamba1',
  'llama.cpp:mamba2',
  'llama.cpp:mamba1',
  'llama.cpp:transformer',
];

/** Reads `engine:model`. Throws an Error for people. */
export function parseSubject(text: string): LongSubject {
  const [first, second] = text.split(':');
  const engine = ENGINES.find((name) => name === first);
  const model = MODELS.find((name) => name === second);
  if (engine === undefined || model === undefined) {
    throw new Error(
      `--subjects ${text}: an engine (${ENGINES.join(', ')}), a colon and a model (${MODELS.join(', ')})`,
    );
  }
  if (model === 'transformer' && engine !== 'llama.cpp') {
    throw new Error(`--subjects ${text}: only llama.cpp runs a transformer`);
  }
  return { engine, model };
}

/** As `parseSubject` reads it. */
export function subjectName({ engine, model }: LongSubject): string {
  return `${engine}:${model}`;
}
