import { isMamba2, type ModelWeights } from '../../model-runtime/model/weights';

/** The same model without its later layers: it says nothing sensible, but has trained weights and takes little time. */
export function firstLayers(weights: ModelWeights, count: number): ModelWeights {
  return isMamba2(weights)
    ? {
        ...weights,
        config: { ...weights.config, nLayer: count },
        layers: weights.layers.slice(0, count),
      }
    : {
        ...weights,
        config: { ...weights.config, nLayer: count },
        layers: weights.layers.slice(0, count),
      };
}
