import type { Connection, Expectation } from '../vocabulary.js';
import { event, events, idsOf, newStream } from './makings.js';

const EXPECTATIONS: [string, Expectation][] = [
  ['any', 'any'],
  ['no stream', 'noStream'],
  ['exact revision', 1n],
  ['stream exists', 'streamExists'],
];

/** A stream on which an append with this expectation succeeds. */
const preparedFor = async (connection: Connection, expect: Expectation): Promise<string> => {
  const stream = newStream();
  if (expect !== 'noStream') await connection.append(stream, events(2));
  return stream;
};

export const idempotency = (connection: () => Connection): void =>
  describe.each(['batch', 'classic'] as const)('an append that is repeated by the %s call', (way) => {
    it.each(EXPECTATIONS)('expecting %s gives the same answer and no second event', async (_, expect_) => {
      const stream = await preparedFor(connection(), expect_);
      const sent = events(3);
      const first = await connection().append(stream, sent, { expect: expect_, way });
      const again = await connection().append(stream, sent, { expect: expect_, way });
      expect(again).toEqual(first);
      const ids = idsOf(await connection().readStream(stream));
      expect(ids.slice(-3)).toEqual(idsOf(sent));
      expect(new Set(ids).size).toBe(ids.length);
    });

    it.each(EXPECTATIONS)('expecting %s is still known after others have appended', async (_, expect_) => {
      const stream = await preparedFor(connection(), expect_);
      const sent = events(2);
      const first = await connection().append(stream, sent, { expect: expect_, way });
      await connection().append(stream, events(4));
      expect(await connection().append(stream, sent, { expect: expect_, way })).toEqual(first);
    });

    it.each(EXPECTATIONS)('expecting %s, many times at once, is recorded once', async (_, expect_) => {
      const stream = await preparedFor(connection(), expect_);
      const sent = events(2);
      const before = expect_ === 'noStream' ? 0 : 2;
      await Promise.all(Array.from({ length: 10 }, () => connection().append(stream, sent, { expect: expect_, way })));
      expect(await connection().readStream(stream)).toHaveLength(before + 2);
    });

    it.each(EXPECTATIONS)('expecting %s with known events and then a new one is refused', async (_, expect_) => {
      const stream = await preparedFor(connection(), expect_);
      const known = events(2);
      await connection().append(stream, known, { expect: expect_, way });
      const count = (await connection().readStream(stream)).length;
      const refusal = { kind: 'wrong-expected-version', actual: BigInt(count - 1) };
      const overlapping = connection().append(stream, [...known, event()], { expect: expect_, way });
      await expect(overlapping).rejects.toMatchObject(refusal);
      expect(await connection().readStream(stream)).toHaveLength(count);
    });

    it('but shorter is known too, and answered with its own last revision', async () => {
      const stream = newStream();
      const sent = events(3);
      await connection().append(stream, sent, { expect: 'noStream', way });
      const shorter = await connection().append(stream, sent.slice(0, 2), { expect: 'noStream', way });
      expect(shorter.revision).toBe(1n);
      expect(await connection().readStream(stream)).toHaveLength(3);
    });

    it('at an exact revision in another order is refused', async () => {
      const stream = newStream();
      const [one, two] = [event(), event()];
      await connection().append(stream, [one, two], { expect: 'noStream', way });
      const swapped = connection().append(stream, [two, one], { expect: 'noStream', way });
      await expect(swapped).rejects.toMatchObject({ kind: 'wrong-expected-version', actual: 1n });
    });

    it('to another stream is another event', async () => {
      const [one, other] = [newStream(), newStream()];
      const sent = [event()];
      await connection().append(one, sent, { expect: 'noStream', way });
      expect((await connection().append(other, sent, { expect: 'noStream', way })).revision).toBe(0n);
      expect(idsOf(await connection().readStream(other))).toEqual(idsOf(sent));
      expect((await connection().append(one, sent, { way })).revision).toBe(0n);
      expect(await connection().readStream(one)).toHaveLength(1);
    });

    it('with other data keeps what was recorded first', async () => {
      const stream = newStream();
      const first = event({ said: 'first' });
      await connection().append(stream, [first], { way });
      await connection().append(stream, [{ ...first, data: { said: 'second' } }], { way });
      expect((await connection().readStream(stream)).map(({ data }) => data)).toEqual([{ said: 'first' }]);
    });

    it('by the other call is known as well', async () => {
      const stream = newStream();
      const sent = events(2);
      const first = await connection().append(stream, sent, { way });
      const other = way === 'batch' ? 'classic' : 'batch';
      expect(await connection().append(stream, sent, { way: other })).toEqual(first);
    });
  });
