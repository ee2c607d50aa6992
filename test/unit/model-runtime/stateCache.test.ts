import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StateSnapshot } from '../../../model-runtime/engines/engine';
import { StateCache } from '../../../model-runtime/state/stateCache';

class CountedSnapshot implements StateSnapshot {
  isDisposed = false;
  constructor(
    readonly sizeBytes: number,
    readonly name = '',
  ) {}
  dispose(): void {
    expect(this.isDisposed).toBe(false);
    this.isDisposed = true;
  }
}

const ids = (...tokens: number[]) => Int32Array.from(tokens);

describe('StateCache', () => {
  it('finds the longest kept prefix of the asked tokens', () => {
    const cache = new StateCache(100);
    cache.store('a', 'text', ids(1), new CountedSnapshot(10));
    cache.store('a', 'text', ids(1, 2, 3), new CountedSnapshot(10));
    cache.store('a', 'text', ids(1, 9), new CountedSnapshot(10));
    expect(cache.find('a', ids(1, 2, 3, 4), 3)?.length).toBe(3);
    expect(cache.find('a', ids(1, 2, 3, 4), 2)?.length).toBe(1);
    expect(cache.find('a', ids(2, 2), 2)).toBeUndefined();
  });

  it('keeps documents apart', () => {
    const cache = new StateCache(100);
    cache.store('a', 'text', ids(1), new CountedSnapshot(10));
    expect(cache.find('b', ids(1, 2), 2)).toBeUndefined();
  });

  it('evicts the least recently used entry of any document when the budget is spent', () => {
    const cache = new StateCache(25);
    const [first, second, third] = [1, 2, 3].map(() => new CountedSnapshot(10));
    cache.store('a', 'text', ids(1), first);
    cache.store('b', 'text', ids(1), second);
    cache.find('a', ids(1, 2), 2);
    cache.store('c', 'text', ids(1), third);
    expect([first, second, third].map((snapshot) => snapshot.isDisposed)).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('keeps a bounded number of snapshots of one document', () => {
    const cache = new StateCache(1e9);
    for (let i = 0; i < 1000; i++) cache.store('a', 'cursor', ids(i), new CountedSnapshot(10));
    expect(cache.sizeBytes).toBeLessThanOrEqual(80);
  });

  it('frees a closed document', () => {
    const cache = new StateCache(100);
    const snapshot = new CountedSnapshot(10);
    cache.store('a', 'text', ids(1), snapshot);
    cache.closeDocument('a');
    expect(snapshot.isDisposed).toBe(true);
    expect(cache.sizeBytes).toBe(0);
  });

  it('never exceeds its budget, never finds a wrong prefix and disposes each snapshot once', () => {
    const operation = fc.record({
      document: fc.constantFrom('a', 'b', 'c'),
      kind: fc.constantFrom('text' as const, 'cursor' as const),
      tokens: fc.array(fc.nat(2), { minLength: 1, maxLength: 6 }),
      action: fc.constantFrom('store', 'find', 'close'),
      sizeBytes: fc.integer({ min: 1, max: 60 }),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const cache = new StateCache(100);
        const all: CountedSnapshot[] = [];
        for (const { document, kind, tokens, action, sizeBytes } of operations) {
          const asked = ids(...tokens);
          if (action === 'close') cache.closeDocument(document);
          else if (action === 'store') {
            const snapshot = new CountedSnapshot(sizeBytes, `${document}:${tokens.join()}`);
            all.push(snapshot);
            cache.store(document, kind, asked, snapshot);
          } else {
            const hit = cache.find(document, asked, asked.length);
            if (hit) {
              const found = hit.snapshot as CountedSnapshot;
              expect(found.isDisposed).toBe(false);
              expect(found.name).toBe(`${document}:${tokens.slice(0, hit.length).join()}`);
            }
          }
          const alive = all.filter((snapshot) => !snapshot.isDisposed);
          expect(cache.sizeBytes).toBe(alive.reduce((sum, s) => sum + s.sizeBytes, 0));
          expect(cache.sizeBytes).toBeLessThanOrEqual(100);
        }
        cache.dispose();
        expect(all.every((snapshot) => snapshot.isDisposed)).toBe(true);
      }),
    );
  });
});
