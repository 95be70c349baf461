import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connect } from '../../kit/db-client.js';
import { eventStoreNodes } from '../../kit/event-store-node.js';
import { Program, runCommand, startNodeProcess, UNDER_TEST, type NodeProcess } from '../../kit/event-store-process.js';
import { events, idsOf, newStream } from './suites/makings.js';
import type { Connection } from './vocabulary.js';

interface Verification {
  readonly ok: boolean;
  readonly events: number;
  readonly faultCount: number;
}

/** One line without a stack. */
const ONE_LINE = /^[^\n]+\n$/;

/** Appends without a pause until it is told to stop. */
class Appending {
  readonly acknowledged: string[] = [];
  private stopped = false;
  private readonly connection: Connection;
  private readonly run: Promise<unknown>;

  constructor(connection: Connection) {
    this.connection = connection;
    this.run = Promise.all(Array.from({ length: 4 }, () => this.write()));
  }

  async more(count: number): Promise<void> {
    const until = this.acknowledged.length + count;
    while (this.acknowledged.length < until) await after(5);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.run;
  }

  private async write(): Promise<void> {
    const stream = newStream();
    while (!this.stopped) {
      const group = events(3);
      await this.connection.append(stream, group);
      this.acknowledged.push(...idsOf(group));
    }
  }
}

describe('the command line of the embedded event store', () => {
  const nodes = eventStoreNodes();

  describe('while a node serves the folder and appends go on', () => {
    let dataDir: string;
    let node: NodeProcess;
    let connection: Connection;
    let appending: Appending;

    beforeAll(async () => {
      dataDir = nodes.folder();
      node = await startNodeProcess('--data', dataDir);
      connection = connect(node.connectionString);
      for (let group = 0; group < 20; group++) await connection.append(newStream(), events(250));
      appending = new Appending(connection);
      await appending.more(50);
    });
    afterAll(async () => {
      await appending.stop();
      await connection.close();
      expect(await node.stop()).toBe(0);
      expect(node.stderr).toBe('');
    });

    it('backup makes a whole log of everything that was acknowledged before it, and of nothing else', async () => {
      const target = join(nodes.folder(), 'backup.db');
      const before = [...appending.acknowledged];
      const { exitCode, stdout, stderr } = await runCommand('backup', '--data', dataDir, '--to', target);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(appending.acknowledged.length).toBeGreaterThan(before.length);
      await appending.more(20);
      const report = JSON.parse(stdout) as Verification & { backup: string };
      expect(report).toMatchObject({ ok: true, backup: target, faultCount: 0 });
      expect(statSync(target).mode & 0o777).toBe(0o600);

      const restored = nodes.folder();
      renameSync(target, join(restored, 'events.db'));
      const copy = await nodes.start({ dataDir: restored });
      const copied = connect(copy.connectionString);
      const ids = idsOf(await copied.readAll());
      await copied.close();
      expect(ids).toHaveLength(report.events);
      const found = new Set(ids);
      expect(before.filter((id) => !found.has(id))).toEqual([]);
      const original = idsOf(await connection.readAll({ count: ids.length }));
      expect(ids.findIndex((id, index) => id !== original[index])).toBe(-1);
    });

    it('backup refuses a name that is taken, and leaves what is there as it is', async () => {
      const home = nodes.folder();
      const target = join(home, 'taken.db');
      writeFileSync(target, 'mine');
      const { exitCode, stdout, stderr } = await runCommand('backup', '--data', dataDir, '--to', target);
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
      expect(stderr).toMatch(ONE_LINE);
      expect(stderr).toContain(`${target} exists already`);
      expect(readFileSync(target, 'utf8')).toBe('mine');
      expect(readdirSync(home)).toEqual(['taken.db']);
    });

    it('backup into a folder that does not exist says so, and makes none', async () => {
      const missing = join(nodes.folder(), 'nowhere');
      const { exitCode, stderr } = await runCommand('backup', '--data', dataDir, '--to', join(missing, 'backup.db'));
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(ONE_LINE);
      expect(stderr).toContain(missing);
      expect(existsSync(missing)).toBe(false);
    });

    it('verify finds the log whole, again and again', async () => {
      for (let time = 0; time < 3; time++) {
        const before = appending.acknowledged.length;
        const { exitCode, stdout, stderr } = await runCommand('verify', '--data', dataDir);
        expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
        const report = JSON.parse(stdout) as Verification;
        expect(report).toMatchObject({ ok: true, faultCount: 0 });
        expect(report.events).toBeGreaterThanOrEqual(5_000 + before);
        await appending.more(10);
      }
    });
  });

  describe('without a log', () => {
    it('backup says so in one line, and leaves nothing behind', async () => {
      const [empty, home] = [nodes.folder(), nodes.folder()];
      const { exitCode, stdout, stderr } = await runCommand('backup', '--data', empty, '--to', join(home, 'backup.db'));
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
      expect(stderr).toMatch(ONE_LINE);
      expect(stderr).toContain(join(empty, 'events.db'));
      expect([...readdirSync(empty), ...readdirSync(home)]).toEqual([]);
    });

    it('verify says so, and leaves nothing behind', async () => {
      const empty = nodes.folder();
      const { exitCode, stdout, stderr } = await runCommand('verify', '--data', empty);
      expect(exitCode).toBe(1);
      expect(stdout + stderr).toMatch(ONE_LINE);
      expect(stdout + stderr).toContain(join(empty, 'events.db'));
      expect(readdirSync(empty)).toEqual([]);
    });
  });

  it('a damaged log is found by verify, and not backed up', async () => {
    const node = await nodes.start();
    const connection = connect(node.connectionString);
    await connection.append('whole', [{ ...events(1)[0], data: { mark: 'DAMAGE-HERE' } } as never]);
    await connection.close();
    await node.stop();
    const file = join(node.dataDir, 'events.db');
    const bytes = readFileSync(file);
    bytes.write('damage-here', bytes.indexOf('DAMAGE-HERE'));
    writeFileSync(file, bytes);

    const verified = await runCommand('verify', '--data', node.dataDir);
    expect(verified.exitCode).toBe(1);
    expect(JSON.parse(verified.stdout)).toMatchObject({ ok: false, events: 1, faultCount: 1 });
    const home = nodes.folder();
    const backup = await runCommand('backup', '--data', node.dataDir, '--to', join(home, 'backup.db'));
    expect(backup).toMatchObject({ exitCode: 1, stdout: '' });
    expect(backup.stderr).toMatch(ONE_LINE);
    expect(backup.stderr).toContain('checksum');
    expect(readdirSync(home)).toEqual([]);
  });
});

describe.each<[string, (pid: number) => void]>([
  ['SIGTERM to npm', (pid) => process.kill(pid, 'SIGTERM')],
  ['Ctrl-C, which reaches everybody who was started', (pid) => process.kill(-pid, 'SIGINT')],
  ['Ctrl-C by somebody impatient', (pid) => [0, 1, 2].forEach(() => process.kill(-pid, 'SIGINT'))],
])('the embedded event store started by npm, at %s', (_, send) => {
  const nodes = eventStoreNodes();
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  // The documented command builds first, if there is something to build.
  const PATIENCE_MS = 120_000;

  it(
    'ends in order, frees its folder and leaves nobody behind',
    async () => {
      const dataDir = join(nodes.folder(), 'data');
      const child = spawn('npm', ['run', '--silent', 'embedded:event-store', '--', '--data', dataDir], {
        cwd: root,
        stdio: ['pipe', 'pipe', 'pipe'],
        // A group of its own, as a terminal gives to every command.
        detached: true,
        env: { ...process.env, NODE_OPTIONS: `--import=${UNDER_TEST}` },
      });
      const program = new Program(child);
      const { connectionString } = await program.ready();
      const connection = connect(connectionString);
      await connection.append(newStream(), events(1));
      const owner = JSON.parse(readFileSync(join(dataDir, 'owner.json'), 'utf8')) as { pid: number };

      send(child.pid as number);
      const { exitCode } = await program.ended;
      // A launcher may have gone before the node has: everybody must go, and the node in order.
      while (isAlive(owner.pid)) await after(20);
      expect(() => process.kill(-(child.pid as number), 0)).toThrow('ESRCH');
      expect([0, 130, 143]).toContain(exitCode);
      expect(existsSync(join(dataDir, 'owner.json'))).toBe(false);
      expect(readdirSync(dataDir).filter((name) => name.endsWith('-wal'))).toEqual([]);
      await connection.close();
    },
    PATIENCE_MS,
  );
});

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
