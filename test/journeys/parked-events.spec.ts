import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { openDatabase } from '../../src/platform/sql/database.js';
import { codecOf } from '../../src/platform/event-store/codec.js';
import { EsdbEventStore } from '../../src/platform/event-store/esdb.js';
import { message } from '../../src/kernel/message.js';
import { text } from '../../src/kernel/schema.js';
import type { Browser } from '../kit/browser.js';
import { eventually } from '../kit/eventually.js';
import { type Portal, preparedPortal } from '../kit/portal.js';
import { type RunningService, startForTests } from '../kit/service.js';
import { colleague } from '../kit/staff.js';

const PATH = 'back-office/parked-events';
type Parked = { id: string; follower: string; kind: string; fault: string; parkedAt: string; stream: string };

let running: RunningService;
let administrator: Browser;
let portal: Portal;
beforeAll(async () => {
  running = await startForTests({}, { parks: true });
  administrator = await running.staff();
  portal = await preparedPortal(running);
});
afterAll(() => running.stop());

const listed = async (): Promise<Parked[]> => (await administrator.get(PATH)).body.items;
const waitingFor = (stream: string, enough: (items: Parked[]) => boolean) =>
  eventually(async () => (await listed()).filter((item) => item.stream === stream), enough);
const gauge = async () => (await running.browser().get('/metrics')).body as string;

/** The followers find nothing where the passwords lie, for as long as `work` takes. */
const withoutVault = async (work: () => Promise<void>) => {
  const database = await openDatabase(running.config.secrets);
  const rename = (from: string, to: string) =>
    sql`alter table ${sql.table(from)} rename to ${sql.table(to)}`.execute(database.write);
  await rename('vault_entries', 'vault_elsewhere');
  try {
    await work();
  } finally {
    await rename('vault_elsewhere', 'vault_entries');
    await database.close();
  }
};

describe('an effect that failed', () => {
  it('is listed without personal values, waits through a replay that fails again, and goes after a mend', async () => {
    const accountId = await portal.user('parked.user');
    const stream = `clientCompany-${portal.clientCode}`;
    let first!: Parked;
    await withoutVault(async () => {
      expect((await portal.manager.delete(`client-portal/users/${accountId}`)).status).toBe(200);
      [first] = (await waitingFor(stream, (items) => items.length === 1)) as [Parked];
      expect(first).toMatchObject({
        type: 'parkedEvent',
        follower: 'client-portal-consequences',
        kind: 'effect',
        eventType: 'client-portal.PortalUserDeleted',
        fault: expect.stringContaining('vault_entries'),
        actions: ['replay', 'dismiss'],
      });
      await eventually(gauge, (text) => text.includes('shomei_parked_events{sink="client-portal-consequences"} 1'));
      const { body } = await administrator.get(`${PATH}/${first.id}`);
      expect(body.event).toMatchObject({
        readable: true,
        operation: 'client-portal.DeletePortalUser',
        tenant: portal.clientCode,
        data: { accountId, userId: '[hidden]', displayName: '[hidden]' },
      });
      expect(JSON.stringify(body)).not.toContain('parked.user');

      expect((await administrator.post(`${PATH}/${first.id}/replay`)).status).toBe(202);
      await waitingFor(stream, ([item]) => item !== undefined && item.parkedAt > first.parkedAt);
    });
    // The position had moved on: nobody but the replay does it now.
    expect((await administrator.post(`${PATH}/${first.id}/replay`)).status).toBe(202);
    await waitingFor(stream, (items) => items.length === 0);
    await eventually(gauge, (text) => !text.includes('shomei_parked_events{sink="client-portal-consequences"}'));
    expect(await gauge()).toContain('shomei_subscription_parked_total{sink="client-portal-consequences"} 1');
    expect(await administrator.post(`${PATH}/${first.id}/replay`)).toMatchObject({ status: 404 });
    const lines = await eventually(
      async () =>
        (await administrator.get(`back-office/history?target=${first.id}`)).body.items as { operation: string }[],
      (items) => items.length === 2,
    );
    expect(lines.map(({ operation }) => operation)).toEqual(Array(2).fill('operations.ReplayParkedEvent'));
  });
});

describe('an event that cannot be read', () => {
  const broken = message('client-portal.ClientCompanyRegistered', { clientCode: text(), surprise: text() });

  it('waits for every follower, comes back from a rebuild, and is dismissed with a reason', async () => {
    const stream = `clientCompany-BROKEN${Date.now() % 1e6}`;
    const lenient = new EsdbEventStore(running.eventStoreUrl, codecOf([broken]));
    const data = { clientCode: 'BROKEN', surprise: 'Taro Sample' };
    const metadata = { $correlationId: randomUUID(), $causationId: randomUUID(), occurredAt: new Date().toISOString() };
    await lenient.append(stream, -1, [{ ...broken(data), id: randomUUID(), metadata: metadata as never }]);
    await lenient.close();
    const waiting = await waitingFor(stream, (items) => items.length >= 2);
    const followers = waiting.map(({ follower }) => follower).sort();
    expect(followers).toEqual(['client-portal', 'operation-history']);
    const shown = await administrator.get(`${PATH}/${waiting[0]!.id}`);
    expect(shown.body).toMatchObject({
      kind: 'readModel',
      event: { readable: false, data: { clientCode: '[hidden]', surprise: '[hidden]' } },
    });
    expect(JSON.stringify(shown.body)).not.toContain('Taro');

    const before = (await administrator.get('back-office/client-companies')).body;
    expect((await administrator.post(`${PATH}/replay`)).body.asked).toBeGreaterThanOrEqual(2);
    await waitingFor(
      stream,
      (items) =>
        items.length === 2 && items.every((item) => item.parkedAt > waiting.find(({ id }) => id === item.id)!.parkedAt),
    );
    expect((await administrator.get('back-office/client-companies')).body).toEqual(before);

    const one = waiting[0]!;
    for (const [reason, rule] of [
      ['', 'required'],
      ['x'.repeat(501), 'maxLength'],
    ] as const) {
      const answer = await administrator.post(`${PATH}/${one.id}/dismiss`, { reason });
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'reason', rule }] } });
    }
    const reason = 'Written by hand while the store was moved; no such company.';
    expect((await administrator.post(`${PATH}/${one.id}/dismiss`, { reason })).status).toBe(202);
    const left = await waitingFor(stream, (items) => items.length === 1);
    expect(left[0]!.id).not.toBe(one.id);
    const [line] = await eventually(
      async () =>
        (await administrator.get(`back-office/history?target=${one.id}&operation=operations.DismissParkedEvent`)).body
          .items as { actor: object; events: { data: object }[] }[],
      (items) => items.length === 1,
    );
    expect(line).toMatchObject({
      actor: { loginId: 'back.office', name: 'Back Office' },
      events: [{ data: { reason } }],
    });
  });
});

it('parked events are for administrators', async () => {
  const { browser: staff } = await colleague(running, administrator, 'staff');
  for (const browser of [staff, portal.manager]) {
    expect((await browser.get(PATH)).status).toBe(403);
    expect((await browser.post(`${PATH}/replay`)).status).toBe(403);
  }
  expect((await running.browser().get(PATH)).status).toBe(401);
  expect((await administrator.get(`${PATH}/${randomUUID()}`)).status).toBe(404);
  expect((await administrator.post(`${PATH}/${randomUUID()}/dismiss`, { reason: 'x' })).status).toBe(404);
});
