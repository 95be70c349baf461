import fc from 'fast-check';
import { DeadlineHeap, type Deadline } from './deadline-heap.js';

test('gives out what was not cancelled, in order of time and then of setting', () => {
  const operation = fc.record({ atMs: fc.integer({ min: 0, max: 20 }), cancel: fc.boolean() });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
      const heap = new DeadlineHeap<number>();
      const set: Deadline<number>[] = operations.map(({ atMs }, index) => heap.add(atMs, index));
      set.forEach((deadline, index) => operations[index]?.cancel && heap.remove(deadline));
      const expected = operations
        .map(({ atMs, cancel }, index) => ({ atMs, cancel, index }))
        .filter(({ cancel }) => !cancel)
        .toSorted((a, b) => a.atMs - b.atMs || a.index - b.index)
        .map(({ index }) => index);
      const given: number[] = [];
      for (let next = heap.first(); next; next = heap.first()) {
        heap.remove(next);
        given.push(next.due);
      }
      expect(given).toEqual(expected);
      expect(heap.size).toBe(0);
    }),
  );
});

test('cancelling twice does nothing the second time', () => {
  const heap = new DeadlineHeap<string>();
  const deadline = heap.add(1, 'a');
  heap.add(2, 'b');
  heap.remove(deadline);
  heap.remove(deadline);
  expect(heap.first()?.due).toBe('b');
});
