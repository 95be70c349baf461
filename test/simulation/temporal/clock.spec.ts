import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { callRaw } from '../../kit/temporal/raw-call.js';
import { startTemporal, type Temporal } from '@shomei/embedded-temporal';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { NativeConnection, Worker } from '@temporalio/worker';
import * as activities from '../../kit/temporal/activities.js';
import {
  newId,
  newQueue,
  pause,
  quiet,
  startWorker,
  temporaryFolder,
  workflowBundle,
  type RunningWorker,
  type Target,
} from '../../kit/temporal/target.js';

const DAY_MS = 86_400_000;

beforeAll(quiet);

describe('the movable clock', () => {
  const folder = temporaryFolder();
  let node: Temporal;
  let target: Target;
  let worker: RunningWorker;

  beforeAll(async () => {
    node = await startTemporal({ dataDir: folder.path, insecure: true, clock: 'movable' });
    const connection = await Connection.connect({ address: node.address });
    const native = await NativeConnection.connect({ address: node.address });
    const client = new Client({ connection });
    const close = async () => {
      await connection.close();
      await native.close();
    };
    target = { isEmbedded: true, address: node.address, connection, native, client, close };
    worker = await startWorker(target);
  }, 60_000);
  afterAll(async () => {
    await worker.stop();
    await target.close();
    await node.stop();
    folder.remove();
  });

  const start = (type: string, ...args: unknown[]) =>
    target.client.workflow.start(type, { taskQueue: worker.taskQueue, workflowId: newId('clock'), args });
  const advance = async (span: number | string) => {
    if (!node.clock) throw new Error('the clock was asked for');
    return node.clock.advance(span);
  };

  test('three days pass in a moment', async () => {
    const handle = await start('waiter', '3 days');
    await handle.query('state');
    const sinceMs = Date.now();
    await advance('3d');
    expect(await handle.result()).toBe('timeout');
    expect(Date.now() - sinceMs).toBeLessThan(10_000);
    const { startTime, closeTime } = await handle.describe();
    expect(Number(closeTime) - Number(startTime)).toBeGreaterThanOrEqual(3 * DAY_MS);
  });

  test('shortly before its moment a timer has not fired; at its moment it has, never early', async () => {
    const handle = await start('waiter', '2 days');
    await handle.query('state');
    const { events } = await handle.fetchHistory();
    const started = events?.find((event) => event.timerStartedEventAttributes)?.eventTime;
    const dueMs = Number(started?.seconds) * 1000 + Math.round((started?.nanos ?? 0) / 1e6) + 2 * DAY_MS;
    const nowMs = Number(await advance(0));
    // Real time goes on meanwhile: stop well short of the moment, then step over it.
    await advance(dueMs - nowMs - 2000);
    expect((await handle.describe()).status.name).toBe('RUNNING');
    await advance(2000);
    expect(await handle.result()).toBe('timeout');
    const fired = (await handle.fetchHistory()).events?.find((event) => event.timerFiredEventAttributes)?.eventTime;
    const firedMs = Number(fired?.seconds) * 1000 + Math.round((fired?.nanos ?? 0) / 1e6);
    // The moved clock goes on at its usual pace: never early, and late only by what the machine took.
    expect(firedMs).toBeGreaterThanOrEqual(dueMs);
    expect(firedMs).toBeLessThan(dueMs + 5_000);
  });

  test('steps through everything that falls due, in order, and lets workers react in between', async () => {
    const handle = await start('threeSleeps', 5 * DAY_MS);
    await pause(200);
    await advance('15d');
    await advance('1h');
    expect(await handle.result()).toBe(3);
    const { events } = await handle.fetchHistory();
    const firedDays = events
      ?.filter((event) => event.timerFiredEventAttributes)
      .map((event) => Number(event.eventTime?.seconds) * 1000);
    const gaps = firedDays?.slice(1).map((ms, index) => Math.round((ms - (firedDays[index] ?? 0)) / DAY_MS));
    expect(gaps).toEqual([5, 5]);
  });

  test('retries and time-outs follow it too', async () => {
    const handle = await target.client.workflow.start('waiter', {
      taskQueue: worker.taskQueue,
      workflowId: newId('clock'),
      args: ['300 days'],
      workflowExecutionTimeout: '14 days',
    });
    await handle.query('state');
    await advance('14d');
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'TimeoutFailure' } });
  });

  test('the SDK test environment attaches to the running server', async () => {
    const environment = await TestWorkflowEnvironment.createFromExistingServer({ address: node.address });
    expect(
      await environment.client.workflow.execute('noop', { taskQueue: worker.taskQueue, workflowId: newId('env') }),
    ).toBe('ok');
    await environment.teardown();
  });

  test('goes from deadline to deadline for a host that has work of its own in between', async () => {
    const own = temporaryFolder();
    const stepped = await startTemporal({ dataDir: own.path, insecure: true, clock: 'movable' });
    const connection = await Connection.connect({ address: stepped.address });
    const native = await NativeConnection.connect({ address: stepped.address });
    const client = new Client({ connection });
    const alone: Target = {
      isEmbedded: true,
      address: stepped.address,
      connection,
      native,
      client,
      close: () => Promise.resolve(),
    };
    const steps = await startWorker(alone);
    const handle = await client.workflow.start('threeSleeps', {
      taskQueue: steps.taskQueue,
      workflowId: newId('step'),
      args: [5 * DAY_MS],
    });
    const beganMs = stepped.nowMs();
    const until = new Date(beganMs + 12 * DAY_MS);
    const days: number[] = [];
    while (stepped.nowMs() < until.getTime()) {
      const now = await stepped.clock!.step(until);
      // What the host reads without asking is what the node answers.
      expect(stepped.nowMs() - now.getTime()).toBeLessThan(2_000);
      const day = Math.round((now.getTime() - beganMs) / DAY_MS);
      if (day !== days.at(-1) && day > 0) days.push(day);
    }
    expect(days).toEqual([5, 10, 12]);
    expect((await handle.describe()).status.name).toBe('RUNNING');
    // A step to a moment that has been waits for the workers and moves nothing.
    const before = stepped.nowMs();
    await stepped.clock!.step(new Date(0), true);
    expect(stepped.nowMs() - before).toBeLessThan(5_000);
    await steps.stop();
    await connection.close();
    await native.close();
    await stepped.stop();
    const again = await startTemporal({ dataDir: own.path, insecure: true });
    expect(again.nowMs()).toBeGreaterThanOrEqual(before);
    await again.stop();
    own.remove();
  });

  test('time stays moved after a restart', async () => {
    const before = await advance(0);
    const own = temporaryFolder();
    const first = await startTemporal({ dataDir: own.path, insecure: true, clock: 'movable' });
    const moved = await first.clock?.advance('400d');
    await first.stop();
    const second = await startTemporal({ dataDir: own.path, insecure: true, clock: 'movable' });
    expect(Number(await second.clock?.now())).toBeGreaterThanOrEqual(Number(moved));
    await second.stop();
    own.remove();
    expect(Number(moved)).toBeGreaterThan(Number(before));
  });
});

describe('the public test service', () => {
  test('is not reachable unless asked for at start', async () => {
    const folder = temporaryFolder();
    const node = await startTemporal({ dataDir: folder.path, insecure: true });
    expect(node.clock).toBeUndefined();
    for (const method of ['GetCurrentTime', 'UnlockTimeSkipping', 'UnlockTimeSkippingWithSleep']) {
      expect(await callRaw(node.address, `/temporal.api.testservice.v1.TestService/${method}`)).toBe(12);
    }
    await node.stop();
    folder.remove();
  });

  test('lets the SDK start the node by its path and skip two weeks', async () => {
    const path = fileURLToPath(new URL('../../../embedded/temporal/bin/test-server.mjs', import.meta.url));
    const environment = await TestWorkflowEnvironment.createTimeSkipping({
      server: { executable: { type: 'existing-path', path } },
    });
    const taskQueue = newQueue();
    const worker = await Worker.create({
      connection: environment.nativeConnection,
      taskQueue,
      workflowBundle: await workflowBundle(),
      activities,
    });
    await worker.runUntil(async () => {
      const beforeMs = await environment.currentTimeMs();
      const sinceMs = Date.now();
      const workflow = environment.client.workflow;
      expect(await workflow.execute('waiter', { taskQueue, workflowId: newId('skip'), args: ['14 days'] })).toBe(
        'timeout',
      );
      expect(await workflow.execute('flaky', { taskQueue, workflowId: newId('skip'), args: [3] })).toBe(4);
      expect((await environment.currentTimeMs()) - beforeMs).toBeGreaterThanOrEqual(14 * DAY_MS);
      expect(Date.now() - sinceMs).toBeLessThan(10_000);
      const handle = await workflow.start('waiter', { taskQueue, workflowId: newId('skip'), args: ['3 days'] });
      await environment.sleep('2 days');
      await handle.signal('go', 'in time');
      expect(await handle.result()).toBe('signal:in time');
    });
    await environment.teardown();
  }, 60_000);
});
