import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { event, newStream } from '../../contract/event-store/suites/makings.js';
import type { Appended, Connection, Proposed, Recorded } from '../../contract/event-store/vocabulary.js';
import { connect } from '../../kit/db-client.js';
import { describeWhen } from '../../kit/describe-when.js';
import { eventStoreNodes, type TestNode } from '../../kit/event-store-node.js';

const TINY_FILE_PAGES = 80;

const padded = (bytes: number): Proposed => event(Buffer.alloc(bytes, 1));
const lineOf = ({ stream, id, revision, position }: Recorded): string => `${position} ${stream} ${revision} ${id}`;

interface Outcome {
  readonly stream: string;
  readonly event: Proposed;
  readonly appended?: Appended;
  readonly failure?: string;
}

/** Appends by many writers at once, until the disk has been full for some time. */
const fillUp = async (connection: Connection, bytes: number): Promise<Outcome[]> => {
  const outcomes: Outcome[] = [];
  for (let turn = 0; turn < 12; turn++) {
    const burst = Array.from({ length: 16 }, async (_, writer): Promise<Outcome> => {
      const attempt = { stream: `full-${writer % 8}`, event: padded(bytes) };
      return connection.append(attempt.stream, [attempt.event]).then(
        (appended) => ({ ...attempt, appended }),
        (error: Error) => ({ ...attempt, failure: error.message }),
      );
    });
    outcomes.push(...(await Promise.all(burst)));
  }
  return outcomes;
};

/** What is promised when there is no more room, whatever the reason. */
const promises = (start: () => Promise<TestNode>, startWithRoom: (full: TestNode) => Promise<TestNode>): void => {
  let node: TestNode;
  let connection: Connection;
  let seen: Recorded[];
  let outcomes: Outcome[];
  const failed = (): Outcome[] => outcomes.filter(({ appended }) => appended === undefined);
  const acknowledged = (): string[] =>
    outcomes
      .filter(({ appended }) => appended !== undefined)
      .map(({ stream, event: { id }, appended }) => `${appended?.position} ${stream} ${appended?.revision} ${id}`)
      .sort();

  beforeAll(async () => {
    node = await start();
    connection = connect(node.connectionString);
    const subscription = connection.subscribeToAll('start');
    await subscription.until(({ caughtUp }) => caughtUp > 0);
    outcomes = await fillUp(connection, 3_000);
    await subscription.until(({ events }) => events.length >= acknowledged().length);
    seen = subscription.events;
  });
  afterAll(() => connection.close());

  it('every append that waited for the commit fails, and is told why', () => {
    expect(failed().length).toBeGreaterThan(20);
    for (const { failure } of failed()) expect(failure).toMatch(/nothing was stored: .*(full|disk I\/O error)/);
  });

  it('what was acknowledged can still be read, and nothing else', async () => {
    expect(acknowledged().length).toBeGreaterThan(8);
    expect((await connection.readAll()).map(lineOf).sort()).toEqual(acknowledged());
    for (const stream of new Set(outcomes.map((outcome) => outcome.stream))) {
      const inAll = (await connection.readAll()).filter((recorded) => recorded.stream === stream);
      expect((await connection.readStream(stream)).map(lineOf)).toEqual(inAll.map(lineOf));
    }
  });

  it('a live subscriber saw what was acknowledged, and nothing else', () => {
    expect(seen.map(lineOf).sort()).toEqual(acknowledged());
  });

  it('the classic append fails with the status for exhausted resources', async () => {
    const refused = connection.append(newStream(), [padded(200_000)], { way: 'classic' });
    await expect(refused).rejects.toMatchObject({ code: 8 });
  });

  it('restarted with more room, the node takes the failed appends again, each once and without a gap', async () => {
    await connection.close();
    await node.stop();
    node = await startWithRoom(node);
    connection = connect(node.connectionString);
    for (const { stream, event: again } of outcomes) await connection.append(stream, [again]);
    const all = await connection.readAll();
    expect(all.map(({ id }) => id).sort()).toEqual(outcomes.map(({ event: { id } }) => id).sort());
    expect(all.map(({ position }) => position)).toEqual(all.map((_, index) => BigInt(index + 1)));
    expect(all.map(lineOf)).toEqual(expect.arrayContaining(acknowledged()));
  });
};

describe('when the file may not grow any more', () => {
  const nodes = eventStoreNodes();
  promises(
    () => nodes.start({ maxPages: TINY_FILE_PAGES }),
    ({ dataDir }) => nodes.start({ dataDir }),
  );
});

/** A disk of its own, as large as given; undefined where this user may not mount one. */
const smallDisk = (): string | undefined => {
  const folder = mkdtempSync(join(tmpdir(), 'shomei-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=600k', 'tmpfs', folder], { stdio: 'ignore' });
    return folder;
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
};

const disk = process.platform === 'linux' ? smallDisk() : undefined;

describeWhen(disk !== undefined, 'when a real disk is full', () => {
  const folder = disk ?? '';
  const nodes = eventStoreNodes();
  afterAll(() => {
    execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true });
  });
  promises(
    () => {
      mkdirSync(join(folder, 'data'));
      return nodes.start({ dataDir: join(folder, 'data') });
    },
    ({ dataDir }) => {
      execFileSync('mount', ['-o', 'remount,size=20m', folder]);
      return nodes.start({ dataDir });
    },
  );
});
