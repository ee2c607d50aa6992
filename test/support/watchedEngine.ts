import { expect } from 'vitest';
import type { Engine, RecurrentState, StateSnapshot } from '../../model-runtime/engines/engine';

/** Counts what lives, and refuses to be freed twice. */
export function watched(engine: Engine): Engine & { live: Set<StateSnapshot> } {
  const live = new Set<StateSnapshot>();
  const watch = (state: RecurrentState): RecurrentState => ({
    sizeBytes: state.sizeBytes,
    reset: () => state.reset(),
    exportLayer: (layer) => state.exportLayer(layer),
    dispose: () => state.dispose(),
    restore: (snapshot) => {
      expect(live.has(snapshot)).toBe(true);
      state.restore(originals.get(snapshot) ?? snapshot);
    },
    snapshot: () => {
      const original = state.snapshot();
      const snapshot: StateSnapshot = {
        sizeBytes: original.sizeBytes,
        dispose: () => {
          expect(live.delete(snapshot)).toBe(true);
          original.dispose();
        },
      };
      originals.set(snapshot, original);
      live.add(snapshot);
      return snapshot;
    },
  });
  const inner = new Map<RecurrentState, RecurrentState>();
  const originals = new WeakMap<StateSnapshot, StateSnapshot>();
  const unwrap = (state: RecurrentState) => inner.get(state) ?? state;
  return {
    live,
    info: engine.info,
    createState: () => {
      const state = engine.createState();
      const outer = watch(state);
      inner.set(outer, state);
      return outer;
    },
    prefill: (tokens, state, options) => engine.prefill(tokens, unwrap(state), options),
    decode: (token, state, signal) => engine.decode(token, unwrap(state), signal),
    dispose: () => engine.dispose(),
  };
}
