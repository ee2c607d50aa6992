import { expect, it } from 'vitest';
import { bridgeCancellation } from '../../../../extension/common/cancellation';
import { DisposableStore, toDisposable } from '../../../../extension/common/disposable';
import { Emitter } from '../../../../extension/common/emitter';

it('disposes in reverse order, once, even when one throws', () => {
  const store = new DisposableStore();
  const order: number[] = [];
  for (const i of [1, 2, 3]) {
    store.add(
      toDisposable(() => {
        order.push(i);
        if (i === 2) throw new Error('two');
      }),
    );
  }
  expect(() => {
    store.dispose();
  }).toThrow('two');
  store.dispose();
  expect(order).toEqual([3, 2, 1]);
});

it('disposes late arrivals at once', () => {
  const store = new DisposableStore();
  store.dispose();
  let isDisposed = false;
  store.add(toDisposable(() => (isDisposed = true)));
  expect(isDisposed).toBe(true);
  expect(store.size).toBe(0);
});

it('turns an editor cancellation into an abort, and lets go of the token afterwards', () => {
  const cancellations = new Emitter<void>();
  const token = { isCancellationRequested: false, onCancellationRequested: cancellations.event };
  const bridge = bridgeCancellation(token);
  expect(bridge.signal.aborted).toBe(false);
  cancellations.fire();
  expect(bridge.signal.aborted).toBe(true);

  const other = bridgeCancellation(token);
  other.dispose();
  cancellations.fire();
  expect(other.signal.aborted).toBe(false);
  expect(bridgeCancellation({ ...token, isCancellationRequested: true }).signal.aborted).toBe(true);
});
