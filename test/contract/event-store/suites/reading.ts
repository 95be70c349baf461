import type { Connection, Recorded } from '../vocabulary.js';
import { event, events, idsOf, newStream, revisionsOf, upTo } from './makings.js';

export const reading = (connection: () => Connection): void => {
  describe('reading a stream', () => {
    const stream = newStream();
    const sent = events(10);
    const revisions = async (choice: Parameters<Connection['readStream']>[1]): Promise<number[]> =>
      (await connection().readStream(stream, choice)).map(({ revision }) => Number(revision));

    beforeAll(() => connection().append(stream, sent));

    it('gives every event in order, each with its stream, id, type and revision', async () => {
      const read = await connection().readStream(stream);
      expect(idsOf(read)).toEqual(idsOf(sent));
      expect(revisionsOf(read)).toEqual(upTo(10));
      expect(new Set(read.map((recorded) => `${recorded.stream} ${recorded.type}`))).toEqual(
        new Set([`${stream} contract.SomethingSaid`]),
      );
    });

    it('backwards from the end gives the newest first', async () => {
      expect(await revisions({ backwards: true })).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    });

    it('forwards from a revision includes it', async () => {
      expect(await revisions({ from: 7n })).toEqual([7, 8, 9]);
    });

    it('backwards from a revision includes it', async () => {
      expect(await revisions({ from: 2n, backwards: true })).toEqual([2, 1, 0]);
    });

    it.each([
      [1, [0]],
      [9, upTo(9).map(Number)],
      [10, upTo(10).map(Number)],
      [11, upTo(10).map(Number)],
    ])('with count %d stops there or at the end', async (count, expected) => {
      expect(await revisions({ count })).toEqual(expected);
      expect(await revisions({ count, backwards: true })).toEqual(expected.map((revision) => 9 - revision));
    });

    it('with a count from a revision gives that many from there', async () => {
      expect(await revisions({ from: 4n, count: 3 })).toEqual([4, 5, 6]);
      expect(await revisions({ from: 4n, count: 3, backwards: true })).toEqual([4, 3, 2]);
    });

    it('forwards from beyond its end gives nothing', async () => {
      expect(await revisions({ from: 10n })).toEqual([]);
      expect(await revisions({ from: 2n ** 40n })).toEqual([]);
    });

    it('backwards from its first revision gives the first event only', async () => {
      expect(await revisions({ from: 0n, backwards: true })).toEqual([0]);
    });

    it('backwards from beyond its end begins at the end', async () => {
      expect(await revisions({ from: 1_000n, backwards: true, count: 2 })).toEqual([9, 8]);
    });

    it.each([false, true])('that does not exist says so (backwards: %s)', async (backwards) => {
      const read = connection().readStream(newStream(), { backwards });
      await expect(read).rejects.toMatchObject({ kind: 'stream-not-found' });
    });

    it('of more events than fit one page gives all of them, both ways', async () => {
      const long = newStream();
      for (let group = 0; group < 4; group++) await connection().append(long, events(250));
      expect(revisionsOf(await connection().readStream(long))).toEqual(upTo(1000));
      expect(revisionsOf(await connection().readStream(long, { backwards: true }))).toEqual(upTo(1000).reverse());
      expect(revisionsOf(await connection().readStream(long, { count: 700 }))).toEqual(upTo(700));
    });

    it('sees what was acknowledged before it was asked', async () => {
      const own = newStream();
      for (let count = 1; count <= 20; count++) {
        await connection().append(own, [event()]);
        expect(await connection().readStream(own, { backwards: true, count: 1 })).toMatchObject([
          { revision: BigInt(count - 1) },
        ]);
      }
    });
  });

  describe('reading $all', () => {
    const [one, other] = [newStream(), newStream()];
    let recorded: Recorded[] = [];
    const own = (read: Recorded[]): string[] => idsOf(read.filter(({ stream }) => stream === one || stream === other));
    const at = (index: number): bigint => (recorded[index] as Recorded).position;

    beforeAll(async () => {
      const sent = events(6);
      for (const [index, next] of sent.entries()) await connection().append(index % 2 === 0 ? one : other, [next]);
      const both = [...(await connection().readStream(one)), ...(await connection().readStream(other))];
      recorded = both.sort((a, b) => (a.position < b.position ? -1 : 1));
      expect(idsOf(recorded)).toEqual(idsOf(sent));
    });

    it('gives the events of all streams in the order they were appended', async () => {
      expect(own(await connection().readAll())).toEqual(idsOf(recorded));
    });

    it('backwards gives them newest first', async () => {
      expect(own(await connection().readAll({ backwards: true }))).toEqual(idsOf(recorded).reverse());
    });

    it('forwards from a position includes the event at it', async () => {
      expect(own(await connection().readAll({ from: at(2) }))).toEqual(idsOf(recorded.slice(2)));
      expect((await connection().readAll({ from: at(2), count: 1 }))[0]?.id).toBe(recorded[2]?.id);
    });

    it('backwards from a position excludes the event at it', async () => {
      expect(own(await connection().readAll({ from: at(2), backwards: true }))).toEqual(
        idsOf(recorded.slice(0, 2)).reverse(),
      );
    });

    it('with a count stops there', async () => {
      expect(await connection().readAll({ count: 3 })).toHaveLength(3);
      expect(await connection().readAll({ count: 3, backwards: true })).toHaveLength(3);
    });

    it('gives each event the position that its stream gives it', async () => {
      const positions = new Map((await connection().readAll()).map(({ id, position }) => [id, position]));
      for (const { id, position } of recorded) expect(positions.get(id)).toBe(position);
    });

    it('never gives two events one position', async () => {
      const positions = (await connection().readAll()).map(({ position }) => position);
      expect(new Set(positions).size).toBe(positions.length);
    });
  });
};

/** Not asked of the successor client: wherever it is told to begin at the end, it reads backwards by itself. */
export const readingAgainstTheEnds = (connection: () => Connection): void =>
  describe('reading against an end', () => {
    const stream = newStream();
    beforeAll(() => connection().append(stream, events(3)));

    it('a stream forwards from its end gives nothing, backwards from its start the first event', async () => {
      expect(await connection().readStream(stream, { from: 'end' })).toEqual([]);
      expect(revisionsOf(await connection().readStream(stream, { from: 'start', backwards: true }))).toEqual([0n]);
    });

    it('$all forwards from its end and backwards from its start gives nothing', async () => {
      expect(await connection().readAll({ from: 'end' })).toEqual([]);
      expect(await connection().readAll({ from: 'start', backwards: true })).toEqual([]);
    });

    it('with count 0 gives nothing', async () => {
      expect(await connection().readStream(stream, { count: 0 })).toEqual([]);
      expect(await connection().readAll({ count: 0 })).toEqual([]);
    });
  });

export const contents = (connection: () => Connection): void =>
  describe.each(['batch', 'classic'] as const)('what is appended by the %s call comes back as it was:', (way) => {
    const roundTrip = async (data: unknown, metadata?: unknown): Promise<Recorded> => {
      const stream = newStream();
      const sent = event(data, metadata === undefined ? {} : { metadata });
      await connection().append(stream, [sent], { way });
      const [read] = await connection().readStream(stream);
      if (read === undefined) throw new Error('nothing was recorded');
      return read;
    };

    it('JSON with its metadata', async () => {
      const data = { 会社: '株式会社ショウメイ', amount: 1.5, nested: [{ deep: [null, true, ''] }] };
      expect(await roundTrip(data, { actor: '山田' })).toMatchObject({
        data,
        metadata: { actor: '山田' },
        isJson: true,
      });
    });

    it('bytes of every value, with bytes as metadata', async () => {
      const bytes = Uint8Array.from({ length: 1024 }, (_, index) => index % 256);
      const read = await roundTrip(bytes, Uint8Array.from([0, 255, 1, 254]));
      expect(read.isJson).toBe(false);
      expect(Buffer.from(read.data as Uint8Array).equals(bytes)).toBe(true);
      expect([...(read.metadata as Uint8Array)]).toEqual([0, 255, 1, 254]);
    });

    it('no bytes at all', async () => {
      expect(((await roundTrip(new Uint8Array())).data as Uint8Array).length).toBe(0);
    });

    it('empty JSON', async () => {
      expect((await roundTrip({})).data).toEqual({});
    });

    it('JSON of half a mebibyte', async () => {
      const data = { lines: Array.from({ length: 20_000 }, (_, index) => `行 ${index} 髙﨑`) };
      expect((await roundTrip(data)).data).toEqual(data);
    });

    it.each([
      '申請-株式会社①',
      'with space and / slash',
      'ünïcödé-🗝️-髙﨑',
      'line\nbreak',
      'nul\0inside',
      '\ufeffmark',
      "quote'; --",
    ])('a stream and a type called %j', async (name) => {
      const stream = `${newStream()}-${name}`;
      await connection().append(stream, [event({}, { type: name })], { way });
      expect(await connection().readStream(stream)).toMatchObject([{ stream, type: name }]);
      const newest = await connection().readAll({ backwards: true, count: 20 });
      expect(newest.find((recorded) => recorded.stream === stream)).toMatchObject({ type: name });
    });

    it('and streams whose names differ in case or width are different streams', async () => {
      const name = newStream();
      const names = [`${name}-a`, `${name}-A`, `${name}-ａ`, `${name}-が`, `${name}-か\u3099`];
      for (const stream of names) await connection().append(stream, [event()], { way, expect: 'noStream' });
      for (const stream of names) expect(await connection().readStream(stream)).toHaveLength(1);
    });
  });
