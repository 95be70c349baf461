import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startTemporal } from '@shomei/embedded-temporal';
import { sql } from 'kysely';
import { Keyring } from '../../src/platform/vault/keyring.js';
import { openDatabase } from '../../src/platform/sql/database.js';
import { describeWhen } from '../kit/describe-when.js';
import { eventStoreForTests } from '../kit/event-store.js';
import { firstLogin } from '../kit/first-login.js';
import { programs, type Running, type Staff, staffAt } from '../kit/program.js';

// Each test starts programs, and a busy machine takes its time for that.
jest.setTimeout(180_000);

const databaseUrl = process.env['DATABASE_URL'];

describeWhen(databaseUrl !== undefined, 'separate processes (they need PostgreSQL)', () => {
  const { run, serve } = programs();
  const folder = mkdtempSync(join(tmpdir(), 'shomei-separate-'));
  const schema = `separate_${randomUUID().replaceAll('-', '')}`;
  const ends: (() => Promise<unknown>)[] = [];
  let env: Record<string, string>;
  let apis: Running[];
  let projectors: Running[];
  let worker: Running;
  let staff: Staff[];

  beforeAll(async () => {
    const admin = await openDatabase({ kind: 'postgres', url: databaseUrl! });
    await sql`create schema ${sql.id(schema)}`.execute(admin.write);
    ends.push(async () => {
      await sql`drop schema ${sql.id(schema)} cascade`.execute(admin.write);
      await admin.close();
    });
    const events = await eventStoreForTests();
    ends.push(events.stop);
    const temporal = await startTemporal({ dataDir: join(folder, 'temporal'), insecure: true });
    ends.push(() => temporal.stop());
    const keyring = join(folder, 'keyring.json');
    Keyring.make(keyring);
    env = {
      DATA_DIR: join(folder, 'data'),
      EVENTSTORE_URL: events.connectionString,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_TASK_QUEUE: schema,
      DATABASE_URL: `${databaseUrl}${databaseUrl!.includes('?') ? '&' : '?'}options=-csearch_path%3D${schema}`,
      KEYRING_FILE: keyring,
      PUBLIC_URL: 'https://portal.example.com',
      DEVELOPMENT_MAILBOX: 'true',
      // Whoever shares the event store with other tests has its own accounts all the same.
      LOGIN_RATE_LIMIT_PER_MINUTE: '1000',
    };
    // All at once on an empty database, as a platform starts them.
    [apis, projectors, worker] = await Promise.all([
      Promise.all([serve('api', env), serve('api', env)]),
      Promise.all([serve('projector', env), serve('projector', env)]),
      serve('worker', env),
    ]);
    const password = apis.map((api) => api.password).filter((told) => told !== null);
    expect(password).toHaveLength(1);
    staff = await Promise.all(apis.map(({ url }) => staffAt(url, password[0]!)));
  });
  afterAll(async () => {
    for (const program of [...(apis ?? []), ...(projectors ?? []), ...(worker ? [worker] : [])]) {
      program.child.kill('SIGKILL');
      await program.ended;
    }
    for (const end of ends.reverse()) await end();
    rmSync(folder, { recursive: true, force: true });
  });

  const company = (clientCode: string) => ({ clientCode, name: 'Example Bridge Construction Co.' });
  const register = (index: number, clientCode: string, key?: string) =>
    staff[index]!.post('back-office/client-companies', company(clientCode), key ? { 'idempotency-key': key } : {});
  const atWork = async ({ health }: Running) =>
    /^shomei_projector_at_work (\d)$/m.exec(await (await fetch(`${health}/metrics`)).text())?.[1];

  it('are each ready, and say what they measure', async () => {
    for (const program of [...apis, ...projectors, worker]) {
      await untilReady(program);
      expect((await fetch(`${program.health}/metrics`)).status).toBe(200);
    }
    expect(await (await fetch(`${worker.health}/metrics`)).text()).toContain('shomei_worker_tasks{kind="workflow"}');
    expect((await Promise.all(projectors.map(atWork))).sort()).toEqual(['0', '1']);
  });

  it('answer people in the API only', async () => {
    for (const { health } of [...projectors, worker])
      expect((await fetch(`${health}/api/v1/back-office/sessions`, { method: 'POST' })).status).toBe(404);
  });

  it('show in one API what was recorded by the other, once the projector has it', async () => {
    const { version } = (await (await register(0, 'S1001')).json()) as { version: number };
    const shown = await staff[1]!.get(`back-office/client-companies/S1001?minVersion=${version}`);
    expect([shown.status, ((await shown.json()) as { version: number }).version]).toEqual([200, version]);
  });

  it('give the same answer to a request that reaches both at once with one key', async () => {
    const key = randomUUID();
    // A key belongs to an account, and both browsers are the same one's.
    const answers = await Promise.all(
      [0, 1, 0, 1].map(async (index) => {
        const answer = await register(index, 'S1002', key);
        return [answer.status, await answer.json()];
      }),
    );
    expect(answers[0]![0]).toBe(201);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  it('let one of two browsers win where only one can', async () => {
    const statuses = await Promise.all([0, 1, 0, 1].map(async (index) => (await register(index, 'S1003')).status));
    expect(statuses.sort()).toEqual([201, 409, 409, 409]);
  });

  it('know a login everywhere, and its end', async () => {
    const { cookie, csrfToken } = await firstLogin(
      apis[0]!.url,
      apis.map((api) => api.password).find((told) => told)!,
    );
    const headers = { cookie, 'x-csrf-token': csrfToken };
    const asks = ({ url }: Running) => fetch(`${url}/back-office/client-companies/S1001`, { headers });
    expect((await asks(apis[1]!)).status).toBe(200);
    expect((await fetch(`${apis[1]!.url}/back-office/sessions/current`, { method: 'DELETE', headers })).status).toBe(
      204,
    );
    for (const api of apis) expect((await asks(api)).status).toBe(401);
  });

  it('go on when the projector is killed: the one that stood by takes over', async () => {
    const states = await Promise.all(projectors.map(atWork));
    const [active, standby] = states[0] === '1' ? projectors : [...projectors].reverse();
    active!.child.kill('SIGKILL');
    await active!.ended;
    expect((await register(1, 'S1004')).status).toBe(201);
    const deadline = Date.now() + 20_000;
    let status = 0;
    while (status !== 200 && Date.now() < deadline)
      ({ status } = await staff[0]!.get('back-office/client-companies/S1004?minVersion=0'));
    expect([status, await atWork(standby!)]).toEqual([200, '1']);
  });

  it('end in order when they are asked to', async () => {
    for (const program of [
      ...apis,
      ...projectors.filter(({ child }) => child.exitCode === null && !child.killed),
      worker,
    ]) {
      program.child.kill('SIGTERM');
      const { code, err } = await program.ended;
      // With what it said, so that a failure tells which program and why.
      expect({ code, said: code === 0 ? '' : err }).toEqual({ code: 0, said: '' });
    }
  });

  it('do not start with another key ring', async () => {
    const other = join(folder, 'other.json');
    Keyring.make(other);
    const { code, err } = await run('api', { ...env, KEYRING_FILE: other, PORT: '0' }).ended;
    expect([code, err.trim().split('\n').length, err]).toEqual([
      1,
      1,
      expect.stringContaining('the key ring is not the one'),
    ]);
  });
});

const untilReady = async ({ health }: Running): Promise<void> => {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const answer = await fetch(`${health}/health/ready`);
    if (answer.status === 200) return;
    if (Date.now() > deadline) throw new Error(await answer.text());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

describe('a program that does part of the work', () => {
  const { run } = programs();
  it.each([
    ['api', ['EVENTSTORE_URL', 'DATABASE_URL']],
    ['projector', ['EVENTSTORE_URL', 'DATABASE_URL', 'TEMPORAL_ADDRESS']],
    ['worker', ['EVENTSTORE_URL', 'DATABASE_URL', 'TEMPORAL_ADDRESS']],
  ])('%s says all that it lacks where the stores are embedded', async (role, lacking) => {
    const { code, out, err } = await run(role, {}).ended;
    expect([code, out]).toEqual([1, '']);
    expect(err.trim().split('\n')).toEqual([
      'The configuration has faults:',
      ...lacking.map(
        (name) =>
          `  ${name} must name a server: what is embedded belongs to one process, and others work beside the ${role}.`,
      ),
      '  KEYRING_FILE or KEYRING_COMMAND must be set: every process needs the same key ring.',
      '  PUBLIC_URL must be set: links and certificates name it, and one process does not know where another is reached.',
      '  For everything in one process, run "npm start" instead.',
    ]);
  });

  it('says what is wrong with its values in the same breath', async () => {
    const { code, err } = await run('api', { PORT: 'many', SESSION_IDLE_MINUTES: '0' }).ended;
    expect(code).toBe(1);
    for (const name of ['PORT', 'SESSION_IDLE_MINUTES', 'EVENTSTORE_URL', 'DATABASE_URL', 'KEYRING_FILE', 'PUBLIC_URL'])
      expect(err).toContain(`  ${name} `);
  });
});
