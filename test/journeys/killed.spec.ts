import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { firstLogin } from '../kit/first-login.js';

type Program = Readonly<{ child: ChildProcess; exited: Promise<unknown>; url: string; password: string | undefined }>;

const dataDir = join(tmpdir(), `shomei-killed-${randomUUID()}`);
const started: Program[] = [];

/** The program that people start, as it was built for this run of the tests. */
const start = async (): Promise<Program> => {
  const env = {
    ...process.env,
    DATA_DIR: dataDir,
    PORT: '0',
    LOG_LEVEL: 'silent',
    EVENTSTORE_URL: '',
    DATABASE_URL: '',
  };
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', 'dist/src/entrypoints/all-in-one.js'],
    {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const exited = new Promise((resolve) => child.once('exit', resolve));
  let said = '';
  await new Promise<void>((resolve, reject) => {
    void exited.then(() => reject(new Error(`it ended: ${said}`)));
    child.stderr.on('data', (chunk) => {
      said += String(chunk);
      if (said.includes('Event store')) resolve();
    });
  });
  const url = /API\s+(\S+)\n/.exec(said)![1]!;
  const program = { child, exited, url, password: /Password\s+(\S+)/.exec(said)?.[1] };
  started.push(program);
  return program;
};

const staffOf = async ({ url }: Program, password: string) => {
  const json = { 'content-type': 'application/json' };
  const { cookie, csrfToken } = await firstLogin(url, password);
  return {
    register: (clientCode: string) =>
      fetch(`${url}/back-office/client-companies`, {
        method: 'POST',
        headers: { ...json, cookie, 'x-csrf-token': csrfToken, 'idempotency-key': clientCode },
        body: JSON.stringify({ clientCode, name: 'Example Bridge Construction Co.' }),
      }),
    find: (clientCode: string) =>
      fetch(`${url}/back-office/client-companies/${clientCode}?minVersion=0`, { headers: { cookie } }),
  };
};

afterAll(async () => {
  for (const { child, exited } of started) {
    child.kill('SIGKILL');
    await exited;
  }
  await rm(dataDir, { recursive: true, force: true });
});

it('what was answered before the process was killed is there afterwards, and the rest can be asked for again', async () => {
  const first = await start();
  const password = first.password!;
  const staff = await staffOf(first, password);
  const codes = Array.from({ length: 60 }, (_, n) => `K${1000 + n}`);
  const answered: string[] = [];
  const asked = codes.map(async (clientCode) => {
    const { status } = await staff.register(clientCode);
    if (status === 201) answered.push(clientCode);
    if (answered.length === 20) first.child.kill('SIGKILL');
  });
  const ends = await Promise.allSettled(asked);
  await first.exited;
  expect(ends.some(({ status }) => status === 'rejected')).toBe(true);
  expect(answered.length).toBeGreaterThanOrEqual(20);

  const second = await start();
  // The credential was told once and must go on working.
  expect(second.password).toBeUndefined();
  const again = await staffOf(second, password);
  for (const clientCode of answered) expect((await again.find(clientCode)).status).toBe(200);
  for (const clientCode of codes) {
    expect((await again.register(clientCode)).status).toBe(201);
    expect((await again.find(clientCode)).status).toBe(200);
  }
  second.child.kill('SIGTERM');
  expect(await second.exited).toBe(0);
}, 90_000);
