import type { Connection, Expectation } from '../vocabulary.js';
import { event, events, idsOf, newStream, revisionsOf, upTo } from './makings.js';

const MIB = 1024 * 1024;
const WAYS = ['batch', 'classic'] as const;

/** The size an event counts for: its two payloads, and its type twice (as two-byte characters). */
const bytesWithout = (type: string): number => MIB - 2 * type.length;

export const appending = (connection: () => Connection): void =>
  describe.each(WAYS)('appending by the %s call', (way) => {
    const append = (stream: string, count: number, expect: Expectation = 'any') =>
      connection().append(stream, events(count), { way, expect });

    it('creates a stream at revision 0 and counts on from there', async () => {
      const stream = newStream();
      expect((await append(stream, 1)).revision).toBe(0n);
      expect((await append(stream, 1)).revision).toBe(1n);
      expect((await append(stream, 3)).revision).toBe(4n);
    });

    it('answers with the position at which the last event is found', async () => {
      const stream = newStream();
      const { position } = await append(stream, 3);
      expect((await connection().readStream(stream)).at(-1)?.position).toBe(position);
    });

    it('gives later appends higher positions', async () => {
      const first = await append(newStream(), 1);
      const second = await append(newStream(), 1);
      expect(second.position).toBeGreaterThan(first.position);
    });

    it('to "no stream" takes the first append and refuses the second with the real revision', async () => {
      const stream = newStream();
      await append(stream, 2, 'noStream');
      await expect(append(stream, 1, 'noStream')).rejects.toMatchObject({ kind: 'wrong-expected-version', actual: 1n });
      expect(await connection().readStream(stream)).toHaveLength(2);
    });

    it('to "stream exists" refuses a new stream, saying that there is none, and takes an existing one', async () => {
      const stream = newStream();
      const refusal = { kind: 'wrong-expected-version', actual: 'noStream' };
      await expect(append(stream, 1, 'streamExists')).rejects.toMatchObject(refusal);
      await append(stream, 1);
      expect((await append(stream, 1, 'streamExists')).revision).toBe(1n);
    });

    it('at an exact revision takes that one only, and says the real one otherwise', async () => {
      const stream = newStream();
      await append(stream, 3);
      const refusal = { kind: 'wrong-expected-version', actual: 2n };
      for (const wrong of [0n, 1n, 3n, 1_000_000n])
        await expect(append(stream, 1, wrong)).rejects.toMatchObject(refusal);
      expect((await append(stream, 1, 2n)).revision).toBe(3n);
    });

    it('at an exact revision of a stream that does not exist is refused', async () => {
      const refusal = { kind: 'wrong-expected-version', actual: 'noStream' };
      await expect(append(newStream(), 1, 0n)).rejects.toMatchObject(refusal);
    });

    it('lets exactly one of many racing writers win', async () => {
      const stream = newStream();
      await append(stream, 1);
      const race = await Promise.allSettled(Array.from({ length: 20 }, () => append(stream, 1, 0n)));
      expect(race.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await connection().readStream(stream)).toHaveLength(2);
    });

    it('keeps several events of one append together and in order, whoever else appends meanwhile', async () => {
      const stream = newStream();
      const groups = Array.from({ length: 12 }, () => events(9));
      await Promise.all(groups.map((group) => connection().append(stream, group, { way })));
      const read = await connection().readStream(stream);
      expect(revisionsOf(read)).toEqual(upTo(108));
      const readGroups = Array.from({ length: 12 }, (_, index) => idsOf(read.slice(9 * index, 9 * index + 9)));
      expect(new Set(readGroups.map(String))).toEqual(new Set(groups.map((group) => String(idsOf(group)))));
      const positions = read.map(({ position }) => position);
      expect(positions).toEqual([...positions].sort((a, b) => (a < b ? -1 : 1)));
    });

    it('records nothing of a refused append of several events', async () => {
      const stream = newStream();
      await expect(append(stream, 5, 'streamExists')).rejects.toMatchObject({ kind: 'wrong-expected-version' });
      await expect(connection().readStream(stream)).rejects.toMatchObject({ kind: 'stream-not-found' });
    });

    it('takes an append of exactly 1 MiB and refuses one byte more, with the limit in the answer', async () => {
      const type = 'contract.LargeThingStored';
      const large = (bytes: number) => event(Buffer.alloc(bytes, 7), { type });
      const stream = newStream();
      await connection().append(stream, [large(bytesWithout(type))], { way });
      const refused = connection().append(stream, [large(bytesWithout(type) + 1)], { way });
      await expect(refused).rejects.toMatchObject({ kind: 'maximum-append-size-exceeded' });
      const [only, ...more] = await connection().readStream(stream);
      expect(more).toEqual([]);
      expect((only?.data as Uint8Array).length).toBe(bytesWithout(type));
    });

    it('counts all events of an append, and their metadata, towards the 1 MiB', async () => {
      const half = () => event(Buffer.alloc(MIB / 4), { metadata: new Uint8Array(MIB / 4) });
      const refused = connection().append(newStream(), [half(), half()], { way });
      await expect(refused).rejects.toMatchObject({ kind: 'maximum-append-size-exceeded' });
    });

    it('goes on with other appends after one that was too large', async () => {
      const tooLarge = connection().append(newStream(), [event(Buffer.alloc(2 * MIB))], { way });
      const [refused, taken] = await Promise.allSettled([tooLarge, append(newStream(), 1)]);
      expect([refused.status, taken.status]).toEqual(['rejected', 'fulfilled']);
      expect((await append(newStream(), 1)).revision).toBe(0n);
    });

    it('refuses $all as the name of a stream', async () => {
      await expect(append('$all', 1)).rejects.toMatchObject({ name: 'Refused' });
    });

    it('stamps events with the time they were recorded', async () => {
      const stream = newStream();
      const before = Date.now();
      await append(stream, 1);
      const [read] = await connection().readStream(stream);
      // One of the clients shows whole seconds only.
      expect(read?.created.getTime()).toBeGreaterThanOrEqual(Math.floor(before / 1000) * 1000);
      expect(read?.created.getTime()).toBeLessThanOrEqual(Date.now() + 1);
    });
  });

/** Only the batch call may spread one append over several messages. */
export const appendingInParts = (connection: () => Connection): void =>
  describe('an append spread over many messages', () => {
    it('is recorded whole and in order', async () => {
      const stream = newStream();
      const sent = events(200);
      expect((await connection().append(stream, sent, { messageBytes: 500 })).revision).toBe(199n);
      expect(idsOf(await connection().readStream(stream))).toEqual(idsOf(sent));
    });

    it('is refused whole when it is too large, answered once, and does not harm the next', async () => {
      const stream = newStream();
      const sent = Array.from({ length: 40 }, () => event(Buffer.alloc(MIB / 32)));
      const refused = connection().append(stream, sent, { messageBytes: MIB / 32 });
      await expect(refused).rejects.toMatchObject({ kind: 'maximum-append-size-exceeded' });
      expect((await connection().append(stream, events(1), { expect: 'noStream' })).revision).toBe(0n);
    });

    it('may interleave with others', async () => {
      const streams = Array.from({ length: 10 }, () => newStream());
      await Promise.all(streams.map((stream) => connection().append(stream, events(50), { messageBytes: 500 })));
      for (const stream of streams) expect(revisionsOf(await connection().readStream(stream))).toEqual(upTo(50));
    });
  });
