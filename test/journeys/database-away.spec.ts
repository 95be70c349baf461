import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { sql } from 'kysely';
import { openDatabase } from '../../src/platform/sql/database.js';
import { askForMail } from '../kit/asked-mails.js';
import type { Browser } from '../kit/browser.js';
import { describeWhen } from '../kit/describe-when.js';
import { eventually } from '../kit/eventually.js';
import { type Gate, gateBefore } from '../kit/gate.js';
import { sampleLinkMail } from '../kit/sample-mails.js';
import { type RunningService, startForTests } from '../kit/service.js';

jest.setTimeout(120_000);

const databaseUrl = process.env['DATABASE_URL'];
/** Longer than all the tries that an event gets before it is put aside. */
const OUTAGE_MS = 3_000;

describeWhen(databaseUrl !== undefined, 'a database that goes away and comes back (it needs PostgreSQL)', () => {
  const schema = `away_${randomUUID().replaceAll('-', '')}`;
  let running: RunningService;
  let gate: Gate;
  let staff: Browser;
  let dropSchema: () => Promise<void>;
  const died = jest.fn();

  beforeAll(async () => {
    const admin = await openDatabase({ kind: 'postgres', url: databaseUrl! });
    await sql`create schema ${sql.id(schema)}`.execute(admin.write);
    dropSchema = async () => {
      await sql`drop schema ${sql.id(schema)} cascade`.execute(admin.write);
      await admin.close();
    };
    const url = new URL(databaseUrl!);
    gate = await gateBefore(url.hostname, Number(url.port || 5432));
    url.host = `${gate.host}:${gate.port}`;
    url.searchParams.set('options', `-csearch_path=${schema}`);
    running = await startForTests({ DATABASE_URL: url.href }, { mails: [sampleLinkMail] });
    running.service.ended.catch(died);
    staff = await running.staff();
  });
  afterAll(async () => {
    await running?.stop();
    await gate?.stop();
    await dropSchema?.();
  });

  // As a probe asks: without a session, which lies in the database.
  const probe = (path: string) => running.browser().get(path);
  const ready = () => probe('/health/ready');
  const register = (clientCode: string) =>
    staff.post('back-office/client-companies', { clientCode, name: 'Example Bridge Construction Co.' });
  const shown = (clientCode: string) => staff.get(`back-office/client-companies/${clientCode}?minVersion=0`);
  const atWork = async () => /^shomei_projector_at_work (\d)$/m.exec((await probe('/metrics')).body as string)?.[1];
  const untilAllIsWell = async () => {
    await eventually(ready, ({ status }) => status === 200);
    await eventually(atWork, (held) => held === '1');
  };

  it('answers 503 meanwhile and then goes on with what was recorded: nothing parked, nothing lost', async () => {
    expect((await register('A0001')).status).toBe(201);
    await untilAllIsWell();
    await gate.close();

    const refused = await shown('A0001');
    expect([refused.status, refused.body.code, refused.headers['retry-after']]).toEqual([503, 'NOT_READY', '1']);
    expect((await register('A0002')).status).toBe(503);
    const { status, body } = await ready();
    expect([status, body.checks.readModels, body.checks.secrets]).toEqual([503, 'does not answer', 'does not answer']);
    expect(body.checks.eventStore).toBeNull();
    // Somebody who is logged in, or was, asks alike: whose cookie it is lies in the database, and is nobody's business here.
    for (const headers of [{}, { cookie: 'shomei_session=k1.stale' }])
      for (const key of [{}, { 'idempotency-key': 'k1' }]) {
        const sent = { headers: { ...headers, ...key } };
        const asked = await staff.get('/health/ready', sent);
        expect([asked.status, asked.body.checks?.secrets]).toEqual([503, 'does not answer']);
        expect((await staff.get('/health/live', sent)).status).toBe(200);
      }
    // What is recorded in this time waits for those who follow.
    await askForMail(running, 'away');
    await wait(OUTAGE_MS);
    await eventually(atWork, (held) => held === '0');
    expect((await probe('/health/live')).status).toBe(200);

    await gate.open();
    await untilAllIsWell();
    expect((await shown('A0001')).status).toBe(200);
    expect((await register('A0002')).status).toBe(201);
    expect((await shown('A0002')).status).toBe(200);
    // Its mailbox lay in the database as well, so a try may have failed.
    await running.clock.advance('15m');
    expect(await running.mailbox('aoi@example.com')).toHaveLength(1);
    expect((await staff.get('back-office/parked-events')).body).toMatchObject({ items: [], total: 0 });
    const lags = [
      ...((await probe('/metrics')).body as string).matchAll(/^shomei_subscription_lag_seconds\{.*\} (.*)$/gm),
    ];
    expect(lags.length).toBeGreaterThan(20);
    expect(lags.map(([, seconds]) => Number(seconds)).filter((seconds) => seconds > 0)).toEqual([]);
    expect(died).not.toHaveBeenCalled();
    expect(running.logged()).not.toContain('unexpected fault');
  });

  it('that takes what it is asked and says nothing keeps no readiness waiting', async () => {
    gate.hang();
    const beganMs = performance.now();
    const { status, body } = await ready();
    expect([status, body.checks.readModels]).toEqual([503, 'does not answer']);
    expect(performance.now() - beganMs).toBeLessThan(10_000);
    await gate.open();
    await untilAllIsWell();
    expect((await shown('A0002')).status).toBe(200);
  });
});
