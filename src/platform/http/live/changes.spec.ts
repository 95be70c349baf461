import { describe, expect, it } from '@jest/globals';
import { changesSince, eventIdOf, marksOf, snapshotOf } from './changes.js';

const page = (...items: object[]) => snapshotOf({ items, version: 7 }, 'id');
const a = { id: 'a', status: 'open', name: 'A' };
const b = { id: 'b', status: 'open', name: 'B' };
const since = (before: ReturnType<typeof page>, now: ReturnType<typeof page>) =>
  changesSince(marksOf(eventIdOf(before)), now);

describe('what a stream says', () => {
  it('is everything to somebody who knows nothing', () =>
    expect(changesSince(null, page(a, b))).toEqual([
      {
        event: 'snapshot',
        data: {
          items: [
            { id: 'a', version: 7, status: 'open' },
            { id: 'b', version: 7, status: 'open' },
          ],
        },
      },
    ]));

  it('is nothing where nothing changed', () => {
    expect(since(page(a, b), page(a, b))).toEqual([]);
    expect(since(page(), page())).toEqual([]);
  });

  it('is what changed, also where neither version nor status did', () => {
    expect(since(page(a, b), page(a, { ...b, status: 'done' }))).toEqual([
      { event: 'change', data: { id: 'b', version: 7, status: 'done' } },
    ]);
    expect(since(page(a), page({ ...a, name: 'Other' }))).toHaveLength(1);
  });

  it('is the new order where something came, went or moved', () => {
    expect(since(page(a), page(b, a))).toEqual([
      { event: 'members', data: { ids: ['b', 'a'] } },
      { event: 'change', data: { id: 'b', version: 7, status: 'open' } },
    ]);
    expect(since(page(a, b), page(b))).toEqual([{ event: 'members', data: { ids: ['b'] } }]);
    expect(since(page(a, b), page())).toEqual([{ event: 'members', data: { ids: [] } }]);
    expect(since(page(a, b), page(b, a))).toEqual([{ event: 'members', data: { ids: ['b', 'a'] } }]);
  });

  it('takes a single thing as a list of one, with its own version', () => {
    const one = snapshotOf({ id: 'a', status: 'open', version: 3 }, 'id');
    expect(changesSince(null, one)).toEqual([
      { event: 'snapshot', data: { items: [{ id: 'a', version: 3, status: 'open' }] } },
    ]);
  });

  it.each(['', 'x', 'AAAA', '!!', 'null'])('does not go on from %j', (id) => expect(marksOf(id)).toBeNull());
});
