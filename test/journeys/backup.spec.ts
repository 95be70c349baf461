import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { programs, type Running, type Staff, staffAt } from '../kit/program.js';

// Each test starts programs, and a busy machine takes its time for that.
jest.setTimeout(180_000);

const { run, serve } = programs();
const folder = mkdtempSync(join(tmpdir(), 'shomei-backup-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (...names: string[]): string => join(folder, ...names);
const dataDir = at('data');
const keyring = at('keys', 'keyring.json');
const backup = at('backup');
const env = { DATA_DIR: dataDir, KEYRING_FILE: keyring };

const shomei = (variables: Record<string, string>, ...args: string[]) => run('cli', variables, ...args).ended;

const registered = async (staff: Staff, clientCode: string): Promise<boolean> => {
  const name = 'Example Bridge Construction Co.';
  const { status } = await staff.post('back-office/client-companies', { clientCode, name });
  if (status !== 201) throw new Error(`registering ${clientCode}: ${status}`);
  return true;
};
const shows = async (staff: Staff, clientCode: string): Promise<boolean> =>
  (await staff.get(`back-office/client-companies/${clientCode}?minVersion=0`)).status === 200;

/** The management account's password, as the back office was told it. */
const withManager = async (staff: Staff, clientCode: string): Promise<string> => {
  await registered(staff, clientCode);
  const body = { userId: 'kanri01' };
  const answer = await staff.post(`back-office/client-companies/${clientCode}/management-account`, body);
  return ((await answer.json()) as { notice: { initialPassword: string } }).notice.initialPassword;
};
const logsIn = async ({ url }: Running, clientCode: string, password: string): Promise<number> => {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ clientCode, userId: 'kanri01', password });
  return (await fetch(`${url}/client-portal/sessions`, { method: 'POST', headers, body })).status;
};

let password: string;
/** What the service had answered before the backup began: each company with the password of its manager. */
const acknowledged = new Map<string, string>();

beforeAll(async () => {
  const service = await serve('all-in-one', env);
  password = service.password!;
  const staff = await staffAt(service.url, password);
  let stop = false;
  let next = 0;
  const load = Array.from({ length: 4 }, async () => {
    while (!stop) {
      const clientCode = `B${1000 + (next += 1)}`;
      acknowledged.set(clientCode, await withManager(staff, clientCode));
    }
  });
  while (acknowledged.size < 10) await new Promise((resolve) => setTimeout(resolve, 20));
  const before = new Map(acknowledged);
  writeFileSync(join(dataDir, 'stray.txt'), 'not of this program');
  const made = await shomei(env, 'backup', backup);
  expect(made).toMatchObject({ code: 0, err: '' });
  expect(made.out).toContain('The keys are not in it.');
  expect(made.out).toContain('this program does not know it: stray.txt\n');
  // Work went on meanwhile, and goes on.
  const during = acknowledged.size;
  expect(during).toBeGreaterThan(before.size);
  while (acknowledged.size < during + 5) await new Promise((resolve) => setTimeout(resolve, 20));
  stop = true;
  await Promise.all(load);
  service.child.kill('SIGKILL');
  await service.ended;
  acknowledged.clear();
  for (const [clientCode, known] of before) acknowledged.set(clientCode, known);
});

describe('a backup made under load', () => {
  it('holds no key, and nothing else of the folder is unknown', () => {
    const { keys } = JSON.parse(readFileSync(keyring, 'utf8')) as { keys: Record<string, string> };
    const files = readdirSync(backup, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    for (const { parentPath, name } of files) {
      const content = readFileSync(join(parentPath, name), 'latin1');
      for (const key of Object.values(keys)) expect(content).not.toContain(key);
    }
    const { leftOut } = JSON.parse(readFileSync(join(backup, 'manifest.json'), 'utf8')) as { leftOut: string[] };
    expect(leftOut).toEqual(['stray.txt']);
  });

  it('gives back everything that was answered before it began, and the service goes on', async () => {
    const restored = { DATA_DIR: at('restored'), KEYRING_FILE: keyring };
    expect(await shomei(restored, 'restore', backup)).toMatchObject({ code: 0, err: '' });
    const service = await serve('all-in-one', restored);
    expect(service.password).toBeNull();
    const staff = await staffAt(service.url, password);
    for (const [clientCode, managerPassword] of acknowledged) {
      expect(await shows(staff, clientCode)).toBe(true);
      expect(await logsIn(service, clientCode, managerPassword)).toBe(201);
    }
    expect(await registered(staff, 'B9999')).toBe(true);
    expect(await shows(staff, 'B9999')).toBe(true);
    service.child.kill('SIGTERM');
    expect((await service.ended).code).toBe(0);
    // And so does a service that is not running: its backup can be restored in turn.
    expect(await shomei(restored, 'backup', at('second'))).toMatchObject({ code: 0 });
    expect(await shomei(restored, 'backup', 'check', at('second'))).toMatchObject({ code: 0 });
  });

  it('ends every login, so that nobody who left meanwhile is back', async () => {
    const { DatabaseSync } = await import('node:sqlite');
    const sessions = (file: string) => {
      const database = new DatabaseSync(file, { readOnly: true });
      const { n } = database.prepare('SELECT count(*) AS n FROM sessions').get() as { n: number };
      database.close();
      return n;
    };
    const restored = { DATA_DIR: at('ended'), KEYRING_FILE: keyring };
    expect(await shomei(restored, 'restore', backup)).toMatchObject({ code: 0 });
    expect(sessions(join(backup, 'secrets.sqlite'))).toBeGreaterThan(0);
    expect(sessions(join(restored.DATA_DIR, 'secrets.sqlite'))).toBe(0);
  });

  it('holds the keys where somebody asks for them', async () => {
    const target = at('with-keys');
    const { code, out } = await shomei(env, 'backup', target, '--with-keys');
    expect([code, out.includes('whoever has this folder can read everything')]).toEqual([0, true]);
    const restored = { DATA_DIR: at('with-its-keys'), KEYRING_FILE: join(target, 'keys', 'keyring.json') };
    expect(await shomei(restored, 'restore', target)).toMatchObject({ code: 0 });
  });
});

describe('a restore is refused, and changes nothing,', () => {
  const damaged = (name: string, damage: (copy: string) => void): string => {
    const copy = at(name);
    cpSync(backup, copy, { recursive: true });
    damage(copy);
    return copy;
  };
  const flip = (file: string): void => {
    const bytes = readFileSync(file);
    bytes[Math.floor(bytes.length * 0.6)]! ^= 0xff;
    writeFileSync(file, bytes);
  };
  const edit = (file: string, from: RegExp, to: string): void =>
    writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));

  it.each<[string, (copy: string) => void, string]>([
    ['with a changed byte in the events', (copy) => flip(join(copy, 'event-store/events.db')), 'is damaged'],
    ['with a changed byte in the secrets', (copy) => flip(join(copy, 'secrets.sqlite')), 'is damaged'],
    ['with events cut short', (copy) => truncateSync(join(copy, 'event-store/events.db'), 8192), 'is damaged'],
    ['without its events', (copy) => rmSync(join(copy, 'event-store/events.db')), 'is missing'],
    ['that was never finished', (copy) => rmSync(join(copy, 'manifest.json')), 'is no finished backup'],
    ['whose manifest is cut short', (copy) => truncateSync(join(copy, 'manifest.json'), 100), 'is damaged'],
    [
      'whose manifest somebody made to fit',
      (copy) => edit(join(copy, 'manifest.json'), /"takenAt": "[^"]+"/, '"takenAt": "2030-01-01T00:00:00.000Z"'),
      'was changed after it was made',
    ],
    [
      'of a later format',
      (copy) => edit(join(copy, 'manifest.json'), /"format": 1/, '"format": 2'),
      'restore with the program that made it',
    ],
  ])('from a backup %s', async (name, damage, complaint) => {
    const copy = damaged(name.replaceAll(' ', '-'), damage);
    const target = at(`${name.replaceAll(' ', '-')}-restored`);
    const { code, err } = await shomei({ DATA_DIR: target, KEYRING_FILE: keyring }, 'restore', copy);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(complaint) });
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(existsSync(target)).toBe(false);
  });

  it.each<[string, () => Record<string, string>, string]>([
    ['into a folder that holds something', () => env, 'is not empty'],
    ['without the key ring', () => ({ DATA_DIR: at('keyless') }), 'There is no key ring at'],
    [
      'with another key ring',
      () => {
        const other = at('other-keys', 'keyring.json');
        mkdirSync(at('other-keys'));
        const ring = JSON.parse(readFileSync(keyring, 'utf8')) as { derivation: string };
        const derivation = Buffer.alloc(32, 7).toString('base64');
        writeFileSync(other, JSON.stringify({ ...ring, derivation }), { mode: 0o600 });
        return { DATA_DIR: at('other'), KEYRING_FILE: other };
      },
      'is not the one that this backup was made with',
    ],
    [
      'while the data is on servers',
      () => ({ DATA_DIR: at('servers'), KEYRING_FILE: keyring, DATABASE_URL: 'postgres://localhost/x' }),
      'DATABASE_URL names a server',
    ],
  ])('%s', async (_, variables, complaint) => {
    const { code, err } = await shomei(variables(), 'restore', backup);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(complaint) });
  });

  it('and a service does not start on one that was cut off', async () => {
    mkdirSync(at('half'));
    writeFileSync(at('half', 'restore-unfinished'), backup);
    const { code, err } = await run('all-in-one', { DATA_DIR: at('half') }).ended;
    expect([code, err.includes('was not restored to the end; empty it and restore again')]).toEqual([1, true]);
  });
});

describe('a backup is refused', () => {
  it.each([
    ['into a folder that holds something', () => backup, 'is not empty'],
    ['into the data itself', () => join(dataDir, 'backup'), 'lies within the data folder'],
  ])('%s', async (_, target, complaint) => {
    const before = readdirSync(backup);
    const { code, err } = await shomei(env, 'backup', target());
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(complaint) });
    expect(readdirSync(backup)).toEqual(before);
  });

  it('where the events themselves are damaged, and nothing stays that could be taken for one', async () => {
    const broken = at('broken');
    // One that was stopped in order: nothing waits beside the file.
    cpSync(at('restored'), broken, { recursive: true });
    const file = join(broken, 'event-store/events.db');
    const bytes = readFileSync(file);
    bytes.fill(0xaa, 4096, bytes.length / 2);
    writeFileSync(file, bytes);
    const { code, err } = await shomei({ ...env, DATA_DIR: broken }, 'backup', at('of-broken'));
    expect([code, err]).toEqual([1, expect.stringMatching(/damaged|malformed/)]);
    expect(existsSync(at('of-broken'))).toBe(false);
  });
});
