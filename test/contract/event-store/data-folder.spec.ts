import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { connect } from '../../kit/db-client.js';
import { eventStoreNodes } from '../../kit/event-store-node.js';
import { startNodeProcess } from '../../kit/event-store-process.js';
import { event } from './suites/makings.js';

const DATA_LOSS = 15;
/** More than the node looks at when it starts, so that old damage must be found by those who read it. */
const EVENTS = 600;
const OLD = 100;
const NEW = EVENTS - 10;
const STREAMS = 3;
/** One stream has only this event: nobody who reads other streams, or this one, could miss it. */
const ENDED_AT = 50;
const streamOf = (position: number): string =>
  position === ENDED_AT ? 'ended-early' : `damaged-${position % STREAMS}`;
const marker = (position: number): string => `marker-of-${position}-`;

describe('the data folder of the embedded event store', () => {
  const nodes = eventStoreNodes();

  describe('that another node is using', () => {
    it('is refused to a second process, which is told who has it', async () => {
      const folder = nodes.folder();
      const first = await startNodeProcess('--data', folder);
      const second = startNodeProcess('--data', folder);
      await expect(second).rejects.toMatchObject({
        exitCode: 1,
        message: expect.stringMatching(
          new RegExp(`^${folder} is in use by the embedded event store, process ${first.pid}, since .*\n$`),
        ) as string,
      });
      expect(await first.stop()).toBe(0);
      const third = await startNodeProcess('--data', folder);
      expect(await third.stop()).toBe(0);
    });

    it('is refused to other processes even after the same process has tried twice', async () => {
      const { dataDir } = await nodes.start();
      await expect(nodes.start({ dataDir })).rejects.toMatchObject({ name: 'FolderInUse' });
      await expect(startNodeProcess('--data', dataDir)).rejects.toThrow(`process ${process.pid}`);
    });
  });

  it('is free again when the node could not start because its port is taken', async () => {
    const { port } = await nodes.start();
    const dataDir = nodes.folder();
    await expect(nodes.start({ dataDir, port })).rejects.toThrow(`port ${port} is in use`);
    await (await nodes.start({ dataDir })).stop();
  });

  it('is closed to other users, and so is everything in it', async () => {
    const folder = join(nodes.folder(), 'made', 'by-the-node');
    const umask = process.umask(0);
    const node = await startNodeProcess('--data', folder).finally(() => process.umask(umask));
    const connection = connect(node.connectionString);
    await connection.append('some-stream', [event()]);
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    const open = entries.filter((entry) => statSync(join(entry.parentPath, entry.name)).mode & 0o077);
    expect(open.map(({ name }) => name)).toEqual([]);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const names = entries.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['events.db', 'events.db-wal', 'identity', 'secret', 'key.pem']));
    await connection.close();
    await node.stop();
    expect(existsSync(join(folder, 'owner.json'))).toBe(false);
  });

  it('written by a newer program is refused and left alone', async () => {
    const node = await nodes.start();
    const { dataDir } = node;
    await node.stop();
    const file = join(dataDir, 'events.db');
    const db = new DatabaseSync(file);
    db.exec('PRAGMA user_version = 99');
    db.close();
    const before = readFileSync(file);
    await expect(nodes.start({ dataDir })).rejects.toMatchObject({
      name: 'NewerFile',
      message: expect.stringContaining('has schema 99') as string,
    });
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  describe('whose file is damaged', () => {
    let healthy: Buffer;

    beforeAll(async () => {
      const node = await nodes.start();
      const connection = connect(node.connectionString);
      for (let position = 1; position <= EVENTS; position++)
        await connection.append(streamOf(position), [event({ text: marker(position) })]);
      await connection.close();
      await node.stop();
      healthy = readFileSync(join(node.dataDir, 'events.db'));
    });

    const damagedFolder = (damage: (file: string) => void): string => {
      const folder = nodes.folder();
      writeFileSync(join(folder, 'events.db'), healthy);
      damage(join(folder, 'events.db'));
      return folder;
    };
    const flipData = (position: number) => (file: string) => {
      const bytes = readFileSync(file);
      const at = bytes.indexOf(marker(position));
      expect(at).toBeGreaterThan(0);
      bytes[at] = (bytes[at] ?? 0) ^ 0x01;
      writeFileSync(file, bytes);
    };
    const change = (sql: string) => (file: string) => {
      const db = new DatabaseSync(file, { enableForeignKeyConstraints: false });
      db.exec(
        `${['events_are_never_changed', 'events_are_never_removed', 'streams_are_never_changed', 'streams_are_never_removed'].map((name) => `DROP TRIGGER ${name};`).join(' ')} ${sql}`,
      );
      db.close();
    };

    it.each<[string, (file: string) => void]>([
      ['one flipped bit in a new event', flipData(NEW)],
      ['half of the file cut off', (file) => truncateSync(file, healthy.length / 2)],
      ['everything cut off but the first page', (file) => truncateSync(file, 4096)],
      ['a new event removed', change(`DELETE FROM events WHERE position = ${NEW}`)],
      ['an old event removed', change(`DELETE FROM events WHERE position = ${OLD}`)],
      ['the last event of an old stream removed', change(`DELETE FROM events WHERE position = ${ENDED_AT}`)],
      ['a new event moved to another stream', change(`UPDATE events SET stream_id = 99 WHERE position = ${NEW}`)],
      ['a stream removed', change(`DELETE FROM streams WHERE name = '${streamOf(NEW)}'`)],
      ['noise instead of a file', (file) => writeFileSync(file, 'noise'.repeat(10_000))],
    ])('by %s is refused at the start, in one line', async (_, damage) => {
      const refused = startNodeProcess('--data', damagedFolder(damage));
      await expect(refused).rejects.toMatchObject({ name: 'CommandEnded', exitCode: 1 });
      await expect(refused).rejects.toThrow(/^[^\n]*(damaged|checksum|gap|missing|malformed)[^\n]*\n$/);
    });

    it.each<[string, (file: string) => void]>([
      ['one flipped bit in an old event', flipData(OLD)],
      ['an old type changed', change(`UPDATE events SET type = 'contract.Forged' WHERE position = ${OLD}`)],
      ['an old time changed', change(`UPDATE events SET created_us = created_us + 1 WHERE position = ${OLD}`)],
      [
        'two old events exchanged',
        change(`UPDATE events SET position = -1 WHERE position = ${OLD};
        UPDATE events SET position = ${OLD} WHERE position = ${OLD + 1};
        UPDATE events SET position = ${OLD + 1} WHERE position = -1`),
      ],
    ])('by %s is reported to whoever reads there, and from then on nothing is served', async (_, damage) => {
      const node = await nodes.start({ dataDir: damagedFolder(damage) });
      const connection = connect(node.connectionString);
      const lost = { code: DATA_LOSS };
      expect(await connection.readAll({ backwards: true, count: 5 })).toHaveLength(5);
      const subscription = connection.subscribeToAll('start');
      await subscription.until(({ failure }) => failure !== undefined);
      expect(subscription.failure).toMatchObject(lost);
      expect(subscription.events.some(({ position }) => position >= BigInt(OLD))).toBe(false);
      await expect(connection.readAll()).rejects.toMatchObject(lost);
      await expect(connection.readStream(streamOf(OLD))).rejects.toMatchObject(lost);
      await expect(connection.readStream(streamOf(OLD + 1))).rejects.toMatchObject(lost);
      await expect(connection.append('another', [event()], { way: 'classic' })).rejects.toMatchObject(lost);
      await expect(connection.append('another', [event()])).rejects.toThrow(/checksum|gap/);
      await connection.close();
    });

    it('a live subscriber who waits at the end is told as soon as somebody else reads there', async () => {
      const node = await nodes.start({ dataDir: damagedFolder(flipData(OLD)) });
      const connection = connect(node.connectionString);
      const waiting = [
        connection.subscribeToAll('end'),
        connection.subscribeToStream(streamOf(NEW), 'end'),
        connection.subscribeToAll('end', { on: 'type', prefixes: ['nothing'] }),
      ];
      for (const subscription of waiting) await subscription.until(({ caughtUp }) => caughtUp > 0);
      await expect(connection.readStream(streamOf(OLD))).rejects.toMatchObject({ code: DATA_LOSS });
      for (const subscription of waiting) {
        await subscription.until(({ failure }) => failure !== undefined);
        expect(subscription.failure).toMatchObject({ code: DATA_LOSS });
        expect(subscription.events).toEqual([]);
      }
      await connection.close();
    });

    /** An index that only appends use: reads go by position and by revision. */
    const breakIndexOfIds = (file: string): void => {
      const db = new DatabaseSync(file);
      const { rootpage } = db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'events_by_id'").get() as {
        rootpage: number;
      };
      const { page_size: pageSize } = db.prepare('PRAGMA page_size').get() as { page_size: number };
      db.close();
      const bytes = readFileSync(file);
      bytes.fill(0xff, (rootpage - 1) * pageSize, rootpage * pageSize);
      writeFileSync(file, bytes);
    };

    it.each(['classic', 'batch'] as const)(
      'an append that is the first to meet it is told, by the %s call',
      async (way) => {
        const node = await nodes.start({ dataDir: damagedFolder(breakIndexOfIds) });
        const connection = connect(node.connectionString);
        expect(await connection.readAll()).toHaveLength(EVENTS);
        const waiting = connection.subscribeToAll('end');
        await waiting.until(({ caughtUp }) => caughtUp > 0);
        const lost = { code: DATA_LOSS };
        await expect(connection.append(streamOf(NEW), [event()], { way })).rejects.toMatchObject(lost);
        await waiting.until(({ failure }) => failure !== undefined);
        expect(waiting.failure).toMatchObject(lost);
        await expect(connection.readAll()).rejects.toMatchObject(lost);
        await connection.close();
      },
    );
  });

  describe('named by a command line', () => {
    it.each([
      ['no folder', []],
      ['an unknown option', ['--data', '/tmp/x', '--surprise']],
      ['a port that is no number', ['--data', '.', '--port', 'abc']],
      ['a port that is too large', ['--data', '.', '--port', '70000']],
    ])('with %s, the command ends with one clear line', async (_, args) => {
      const folder = nodes.folder();
      const refused = startNodeProcess(...args.map((arg) => (arg === '.' ? folder : arg)));
      await expect(refused).rejects.toMatchObject({ exitCode: 1 });
      await expect(refused).rejects.not.toThrow(/\n {4}at /);
    });
  });
});
