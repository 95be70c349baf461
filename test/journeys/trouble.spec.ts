import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { Keyring } from '../../src/platform/vault/keyring.js';
import { describeWhen } from '../kit/describe-when.js';
import { programs, staffAt } from '../kit/program.js';

// Each test starts programs, and a busy machine takes its time for that.
jest.setTimeout(180_000);

const { run, serve } = programs();
const folder = mkdtempSync(join(tmpdir(), 'shomei-trouble-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let fresh = 0;
const dataDir = () => join(folder, `data-${(fresh += 1)}`);

const keyringWith = (name: string, mode: number): string => {
  const path = join(folder, name, 'keyring.json');
  Keyring.make(path);
  chmodSync(path, mode);
  return path;
};

/** A port that nobody listens on. */
const closedPort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

const FAULTS = 'The configuration has faults:';
/** Ends by itself, with one line for each thing that is wrong, and shows no secret of the configuration. */
const saysAtStart = async (env: Record<string, string>, ...troubles: readonly string[]): Promise<void> => {
  const { code, err } = await run('all-in-one', { DATA_DIR: dataDir(), PORT: '0', LOG_LEVEL: 'silent', ...env }).ended;
  expect(err.trim().split('\n')).toEqual(troubles.map((trouble) => expect.stringContaining(trouble) as unknown));
  expect(code).toBe(1);
  expect(err).not.toContain('hunter2');
};

describe('what an operator meets is told in one line:', () => {
  it('a port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const port = String((server.address() as AddressInfo).port);
    const { err } = await run('all-in-one', { DATA_DIR: dataDir(), PORT: port, LOG_LEVEL: 'silent' }).ended;
    expect(err.trim().split('\n').at(-1)).toBe(
      `Shomei could not start. PORT: ${port} on 127.0.0.1 is in use by another program.`,
    );
    await new Promise((resolve) => server.close(resolve));
  });

  it(
    'a database that is not there',
    async () =>
      saysAtStart(
        { DATABASE_URL: `postgres://shomei:hunter2@127.0.0.1:${await closedPort()}/shomei` },
        'DATABASE_URL: the server at 127.0.0.1 does not answer (ECONNREFUSED).',
      ),
    60_000,
  );

  it(
    'a database whose name nobody knows',
    async () =>
      saysAtStart(
        { DATABASE_URL: 'postgres://shomei:hunter2@no-such-host.invalid/shomei' },
        'DATABASE_URL: the server at',
      ),
    60_000,
  );

  it(
    'an event store that is down',
    async () =>
      saysAtStart(
        { EVENTSTORE_URL: `esdb://admin:hunter2@127.0.0.1:${await closedPort()}?tls=false` },
        'EVENTSTORE_URL: the event store does not answer.',
      ),
    60_000,
  );

  it(
    'a Temporal that is down',
    async () =>
      saysAtStart(
        { TEMPORAL_ADDRESS: `127.0.0.1:${await closedPort()}` },
        'TEMPORAL_ADDRESS: Temporal does not answer there.',
      ),
    60_000,
  );

  it(
    'a key ring that everybody may read',
    () =>
      saysAtStart(
        { KEYRING_FILE: keyringWith('open', 0o644) },
        FAULTS,
        'is open to everybody on this machine: chmod o-rwx',
      ),
    60_000,
  );

  it('a key ring that is no file', () => saysAtStart({ KEYRING_FILE: folder }, FAULTS, 'cannot be read (EISDIR)'));

  it(
    'a key command that fails',
    () => saysAtStart({ KEYRING_COMMAND: 'echo hunter2 >&2; exit 3' }, 'KEYRING_COMMAND: the command failed'),
    60_000,
  );

  it('a data folder that another process works on', async () => {
    const taken = dataDir();
    const first = await serve('all-in-one', { DATA_DIR: taken });
    await saysAtStart({ DATA_DIR: taken }, 'is in use by');
    first.child.kill('SIGTERM');
    expect((await first.ended).code).toBe(0);
  });

  it('a data folder that is none', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    await saysAtStart({ DATA_DIR: file }, file);
  });
});

const mayMount = ((): boolean => {
  const mount = join(folder, 'may-mount');
  mkdirSync(mount);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', mount], { stdio: 'ignore' });
    execFileSync('umount', [mount], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describeWhen(mayMount, 'a disk that is full (needs the right to mount)', () => {
  const disk = join(folder, 'disk');
  afterAll(() => void execFileSync('umount', ['-l', disk], { stdio: 'ignore' }));

  it('refuses commands without losing any, says so, and all is there when there is room again', async () => {
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m,mode=0700', 'tmpfs', disk]);
    const env = { DATA_DIR: join(disk, 'data'), RATE_LIMIT_PER_MINUTE: '100000' };
    const service = await serve('all-in-one', env);
    const { password } = service;
    const staff = await staffAt(service.url, password!);
    const answered: string[] = [];
    const register = async (clientCode: string): Promise<number> => {
      const body = { clientCode, name: 'Example Bridge Construction Co.' };
      const { status } = await staff.post('back-office/client-companies', body).catch(() => ({ status: 0 }));
      if (status === 201) answered.push(clientCode);
      return status;
    };
    expect(await register('D1000')).toBe(201);
    const filler = join(disk, 'filler');
    try {
      writeFileSync(filler, Buffer.alloc(32 << 20));
    } catch {
      // Now it is full.
    }
    const statuses = new Set<number>();
    for (let n = 1; n < 200 && !statuses.has(503) && !statuses.has(0); n += 1)
      statuses.add(await register(`D${1000 + n}`));
    expect([...statuses].filter((status) => status !== 201)).not.toEqual([]);
    rmSync(filler);
    service.child.kill('SIGKILL');
    await service.ended;
    const again = await serve('all-in-one', env);
    const later = await staffAt(again.url, password!);
    for (const clientCode of answered)
      expect((await later.get(`back-office/client-companies/${clientCode}?minVersion=0`)).status).toBe(200);
    again.child.kill('SIGTERM');
    await again.ended;
  });

  it('is told at start', async () => {
    const filler = join(disk, 'filler');
    try {
      writeFileSync(filler, Buffer.alloc(32 << 20));
    } catch {
      // Now it is full.
    }
    await saysAtStart({ DATA_DIR: join(disk, 'other') }, 'The disk is full');
    rmSync(filler);
  });
});
