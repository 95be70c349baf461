import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '../kit/eventually.js';
import { startNodeProcess as startEventStore, type NodeProcess } from '../kit/event-store-process.js';
import { programs, type Running, type Staff, staffAt } from '../kit/program.js';
import {
  end,
  startNodeProcess as startTemporal,
  type NodeProcess as TemporalProcess,
} from '../kit/temporal/processes.js';

// Programs start and wait for each other here, and a busy machine takes its time.
jest.setTimeout(240_000);

const OUTAGE_MS = 12_000;

type Ready = Readonly<{ status: number; checks: Record<string, string | null> }>;

describe('an engine that goes away under the service and comes back', () => {
  const { serve } = programs();
  const folder = mkdtempSync(join(tmpdir(), 'shomei-engines-'));
  let events: NodeProcess;
  let temporal: TemporalProcess;
  let service: Running;
  let staff: Staff;

  const startEvents = (port: number) =>
    startEventStore('--data', join(folder, 'events'), '--insecure', '--port', String(port));

  beforeAll(async () => {
    [events, temporal] = await Promise.all([startEvents(0), startTemporal(join(folder, 'temporal'), 0)]);
    service = await serve('all-in-one', {
      DATA_DIR: join(folder, 'data'),
      EVENTSTORE_URL: events.connectionString,
      TEMPORAL_ADDRESS: temporal.ready.address,
    });
    staff = await staffAt(service.url, service.password!);
    const owner = { companyCode: 'EX001', name: 'Example Owner Co.' };
    expect((await staff.post('back-office/owner-companies', owner)).status).toBe(201);
    await untilReady();
  });
  afterAll(async () => {
    service?.child.kill('SIGKILL');
    await service?.ended;
    await events?.kill();
    if (temporal) await end(temporal.child);
    rmSync(folder, { recursive: true, force: true });
  });

  const ready = async (): Promise<Ready> => {
    const answer = await fetch(`${service.health}/health/ready`);
    return { status: answer.status, checks: ((await answer.json()) as Ready).checks };
  };
  const untilReady = () => eventually(ready, ({ status }) => status === 200);
  const lacking = async () =>
    Object.entries((await ready()).checks).flatMap(([part, fault]) => (fault === null ? [] : [part]));
  /** Registers a company whose registrant is told by mail. */
  const office = async (vendorCode: string): Promise<number> => {
    const name = 'Example Bridge Construction Co.';
    const partner = await staff.post('back-office/owner-companies/EX001/partners', { vendorCode, name });
    if (partner.status !== 201) return partner.status;
    const received = { issueRequestReceivedOn: '2026-01-05', termsConsentReceivedOn: '2026-01-05' };
    const registrants = [{ name: 'Sample Person', mail: `${vendorCode.toLowerCase()}@example.com` }];
    return (await staff.post(`back-office/partners/${vendorCode}/groups`, { ...received, registrants })).status;
  };
  const states = async (): Promise<readonly string[]> => {
    const { items } = (await (await staff.get('back-office/notifications')).json()) as { items: { status: string }[] };
    return items.map(({ status }) => status);
  };
  const parked = async () => ((await (await staff.get('back-office/parked-events')).json()) as { total: number }).total;

  it('Temporal: people go on, events wait and are named, and all of it happens afterwards', async () => {
    await end(temporal.child);
    expect(await office('V0001')).toBe(201);
    await wait(OUTAGE_MS);
    const { status, checks } = await ready();
    expect([status, checks['temporal']]).toEqual([503, 'does not answer']);
    expect(checks['eventStore']).toBeNull();
    const metrics = await (await fetch(`${service.health}/metrics`)).text();
    const lag = /^shomei_subscription_lag_seconds\{sink="process-mail-delivery"\} (.*)$/m.exec(metrics)?.[1];
    expect(Number(lag)).toBeGreaterThan(OUTAGE_MS / 1000 - 2);

    temporal = await startTemporal(join(folder, 'temporal'), temporal.ready.port);
    await untilReady();
    await eventually(states, (all) => all.length > 0 && all.every((state) => state === 'sent'));
    expect(await parked()).toBe(0);
  });

  it('the event store: commands and readiness say so, and go on when it is back', async () => {
    await events.kill();
    expect(await office('V0002')).toBe(503);
    expect((await ready()).status).toBe(503);
    expect(await lacking()).toContain('eventStore');
    // What was recorded before can still be read.
    expect((await staff.get('back-office/partners/V0001')).status).toBe(200);
    await wait(OUTAGE_MS);

    events = await startEvents(events.port);
    await untilReady();
    const status = await office('V0002');
    // Its first try may have been recorded although the answer was lost.
    expect([201, 409]).toContain(status);
    expect(await office('V0003')).toBe(201);
    await eventually(states, (all) => all.length >= 2 && all.every((state) => state === 'sent'));
    expect([await parked(), service.child.exitCode]).toEqual([0, null]);
  });
});
