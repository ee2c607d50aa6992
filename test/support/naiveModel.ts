// A second formulation of both architectures, to check the reference engine against: whole sequences, no recurrent
// state. Every output is written as a sum over all earlier tokens (the «attention» side of state space duality), on
// plain nested arrays. Slow, and sharing no code with the kernels.
import {
  isMamba2,
  type Mamba1Layer,
  type Matrix,
  type ModelWeights,
} from '../../model-runtime/model/weights';
import type { Mamba1Config, Mamba2Config } from '../../model-runtime/model/config';
import type { Mamba2Layer } from '../../model-runtime/model/weights';

type Rows = number[][];

/** The logits after each token of a sequence read from its start, `[L][V]`. */
export function naiveLogits(weights: ModelWeights, tokens: ArrayLike<number>): Rows {
  const { normEpsilon } = weights.config;
  const embedding = multiplyOut(weights.embedding);
  let h = Array.from(tokens, (token) => embedding[token]);
  const addBlock = (block: Rows) => {
    h = h.map((row, l) => row.map((value, i) => value + block[l][i]));
  };
  if (isMamba2(weights)) {
    for (const layer of weights.layers) addBlock(naiveMamba2(h, layer, weights.config));
  } else {
    for (const layer of weights.layers) addBlock(naiveMamba1(h, layer, weights.config));
  }
  return h.map((row) => times(multiplyOut(weights.head), normed(row, weights.normF, normEpsilon)));
}

function naiveMamba1(h: Rows, layer: Mamba1Layer, config: Mamba1Config): Rows {
  const { dInner, dState, dtRank, normEpsilon } = config;
  const inProj = multiplyOut(layer.inProj);
  const projected = h.map((row) =>
    plus(times(inProj, normed(row, layer.norm, normEpsilon)), layer.inProjBias),
  );
  const x = convolved(
    projected.map((row) => row.slice(0, dInner)),
    layer,
    config.dConv,
  );
  const xProj = multiplyOut(layer.xProj);
  const dtBC = x.map((row) => times(xProj, row));
  const dtProj = multiplyOut(layer.dtProj);
  const dt = dtBC.map((row) =>
    times(dtProj, row.slice(0, dtRank)).map((v, d) => Math.log(1 + Math.exp(v + layer.dtBias[d]))),
  );
  const outProj = multiplyOut(layer.outProj);
  return x.map((row, l) => {
    const y = row.map((value, d) => {
      let sum = layer.d[d] * value;
      for (let s = 0; s <= l; s++) {
        const elapsed = total(dt.slice(s + 1, l + 1).map((step) => step[d]));
        for (let n = 0; n < dState; n++) {
          const decay = Math.exp(-Math.exp(layer.aLog[d * dState + n]) * elapsed);
          const match = dtBC[l][dtRank + dState + n] * dtBC[s][dtRank + n];
          sum += match * decay * dt[s][d] * x[s][d];
        }
      }
      return sum * swish(projected[l][dInner + d]);
    });
    return plus(times(outProj, y), layer.outProjBias);
  });
}

function naiveMamba2(h: Rows, layer: Mamba2Layer, config: Mamba2Config): Rows {
  const { dInner, dState, nGroups, nHeads, headDim, normEpsilon } = config;
  const channels = dInner + 2 * nGroups * dState;
  const [dtMin, dtMax] = config.dtLimit;
  const inProj = multiplyOut(layer.inProj);
  const projected = h.map((row) =>
    plus(times(inProj, normed(row, layer.norm, normEpsilon)), layer.inProjBias),
  );
  const xBC = convolved(
    projected.map((row) => row.slice(dInner, dInner + channels)),
    layer,
    config.dConv,
  );
  const dt = projected.map((row) =>
    row
      .slice(dInner + channels)
      .map((v, k) => Math.log(1 + Math.exp(v + layer.dtBias[k])))
      .map((step) => Math.min(dtMax, Math.max(dtMin, step))),
  );
  const outProj = multiplyOut(layer.outProj);
  const groupWidth = dInner / nGroups;
  return xBC.map((row, l) => {
    const gates = projected[l].slice(0, dInner).map(swish);
    const scanned = row.slice(0, dInner).map((value, channel) => {
      const k = Math.floor(channel / headDim);
      const b = dInner + Math.floor(k / (nHeads / nGroups)) * dState;
      const c = b + nGroups * dState;
      let sum = layer.d[k] * value;
      for (let s = 0; s <= l; s++) {
        const elapsed = total(dt.slice(s + 1, l + 1).map((step) => step[k]));
        const match = total(
          Array.from({ length: dState }, (_, n) => xBC[l][c + n] * xBC[s][b + n]),
        );
        sum += match * Math.exp(-Math.exp(layer.aLog[k]) * elapsed) * dt[s][k] * xBC[s][channel];
      }
      return sum * (config.normBeforeGate ? 1 : gates[channel]);
    });
    const normedGroups = Array.from({ length: nGroups }, (_, g) => g * groupWidth).flatMap(
      (start) =>
        normed(
          scanned.slice(start, start + groupWidth),
          layer.gatedNorm.subarray(start, start + groupWidth),
          normEpsilon,
        ),
    );
    const outputs = normedGroups.map((v, i) => (config.normBeforeGate ? v * gates[i] : v));
    return plus(times(outProj, outputs), layer.outProjBias);
  });
}

function convolved(
  x: Rows,
  { convWeight, convBias }: { convWeight: Float32Array; convBias: Float32Array },
  dConv: number,
): Rows {
  return x.map((row, l) =>
    row.map((_, c) => {
      const taps = Array.from({ length: dConv }, (_unused, lag) =>
        lag <= l ? convWeight[c * dConv + dConv - 1 - lag] * x[l - lag][c] : 0,
      );
      return swish(convBias[c] + total(taps));
    }),
  );
}

function multiplyOut(matrix: Matrix): Rows {
  const { rows, cols } = matrix;
  return Array.from({ length: rows }, (_, r) =>
    Array.from({ length: cols }, (_unused, c) => {
      const value = matrix.values[r * cols + c];
      if (matrix.kind === 'f32') return value;
      return value * half(matrix.scales[Math.floor((r * cols + c) / 32)]);
    }),
  );
}

/** Scales are positive and normal numbers here. */
function half(bits: number): number {
  return (1 + (bits & 1023) / 1024) * 2 ** ((bits >> 10) - 15);
}

function times(matrix: Rows, vector: number[]): number[] {
  return matrix.map((row) => total(row.map((weight, i) => weight * vector[i])));
}

function normed(row: number[], weight: Float32Array, epsilon: number): number[] {
  const meanSquare = total(row.map((value) => value * value)) / row.length;
  return row.map((value, i) => (value * weight[i]) / Math.sqrt(meanSquare + epsilon));
}

function plus(vector: number[], bias: Float32Array | undefined): number[] {
  return bias === undefined ? vector : vector.map((value, i) => value + bias[i]);
}

function swish(x: number): number {
  return x * (1 / (1 + Math.exp(-x)));
}

function total(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
