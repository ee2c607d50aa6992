import { isMamba2, type ModelWeights } from '../../model/weights';
import { rmsNorm, TOKENS, weightName } from './blockOps';
import { GraphBuilder, type Value, type WrittenGraph } from './graphBuilder';
import { mamba1Block } from './mamba1Block';
import { mamba2Block } from './mamba2Block';
import { embedding, linear, type Arithmetic } from './matrixOps';
import { DataType } from './onnxSchema';

/** Names of the graph's values besides the states (`stateNames`). */
export const GRAPH_VALUES = {
  /** Token ids, int32 `[1, T]`. */
  tokens: 'tokens',
  /** Positions whose logits are computed, int64 `[R]`. */
  rows: 'rows',
  /** f32 `[1, R, vocabSize]` */
  logits: 'logits',
} as const;

const ROWS = 'R';
const EMBEDDING = 'embedding';

/** The whole model as one ONNX graph: tokens, rows and every layer's states in; logits and next states out. */
export function writeModelGraph(weights: ModelWeights, arithmetic: Arithmetic): WrittenGraph {
  const { config } = weights;
  const g = new GraphBuilder(config.architecture);
  const tokens = g.input(GRAPH_VALUES.tokens, DataType.int32, [1, TOKENS]);
  const rows = g.input(GRAPH_VALUES.rows, DataType.int64, [ROWS]);

  let residual = embedding(g, tokens, EMBEDDING, weights.embedding);
  let branch: Value | undefined;
  layerBlocks(g, weights, arithmetic).forEach(({ norm, write }, layer) => {
    const weight = g.floats(weightName(layer, 'norm'), [config.dModel], norm);
    let normed: Value;
    if (branch === undefined) {
      normed = rmsNorm(g, residual, weight, config.normEpsilon);
    } else {
      [normed, residual] = addAndNorm(g, residual, branch, weight, config.normEpsilon);
    }
    branch = write(normed);
  });

  const last = branch === undefined ? residual : g.op('Add', [residual, branch]);
  const chosen = g.op('Gather', [last, rows], { axis: 1 });
  const normF = g.floats('norm_f', [config.dModel], weights.normF);
  const normed = rmsNorm(g, chosen, normF, config.normEpsilon);
  const head = weights.head === weights.embedding ? EMBEDDING : 'head';
  const logits = linear(g, normed, head, weights.head, arithmetic);
  g.node('Identity', [logits], [GRAPH_VALUES.logits]);
  g.output(GRAPH_VALUES.logits, DataType.float, [1, ROWS, config.vocabSize]);
  return g.write();
}

interface BlockWriter {
  norm: Float32Array;
  /** Adds the block's nodes; returns its contribution to the residual stream. */
  write: (normed: Value) => Value;
}

function layerBlocks(
  g: GraphBuilder,
  weights: ModelWeights,
  arithmetic: Arithmetic,
): BlockWriter[] {
  if (isMamba2(weights)) {
    const { config } = weights;
    return weights.layers.map((layerWeights, layer) => ({
      norm: layerWeights.norm,
      write: (normed) => mamba2Block({ g, config, layer, arithmetic }, normed, layerWeights),
    }));
  }
  const { config } = weights;
  return weights.layers.map((layerWeights, layer) => ({
    norm: layerWeights.norm,
    write: (normed) => mamba1Block({ g, config, layer, arithmetic }, normed, layerWeights),
  }));
}

/** Fused residual sum and norm: `[norm(a + b), a + b]`. */
function addAndNorm(
  g: GraphBuilder,
  a: Value,
  b: Value,
  norm: Value,
  epsilon: number,
): [Value, Value] {
  const normed = g.temporary();
  const sum = g.temporary();
  g.contribNode('SkipSimplifiedLayerNormalization', [a, b, norm], [normed, '', '', sum], {
    epsilon: { float: epsilon },
  });
  return [normed, sum];
}
