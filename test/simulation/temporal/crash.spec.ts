import type { WorkflowHandle } from '@temporalio/client';
import { Killable } from '../../kit/temporal/killable.js';
import { end, startNodeProcess } from '../../kit/temporal/processes.js';
import { eventually, newId, pause } from '../../kit/temporal/target.js';

let killable: Killable;
beforeAll(async () => void (killable = await Killable.start()), 60_000);
afterAll(() => killable.close());

const start = (type: string, ...args: unknown[]): Promise<WorkflowHandle> =>
  killable.client.workflow.start(type, { taskQueue: killable.taskQueue, workflowId: newId('crash'), args });

const eventsOf = async (handle: WorkflowHandle) => (await handle.fetchHistory()).events ?? [];
const timeMs = (event: { eventTime?: { seconds?: unknown; nanos?: number | null } | null } | undefined): number =>
  Number(event?.eventTime?.seconds) * 1000 + (event?.eventTime?.nanos ?? 0) / 1e6;

describe('after kill -9 of the node', () => {
  test('what was accepted is there: runs, signals, and who waits', async () => {
    const waiting = await start('waiter');
    const collecting = await start('collector', 3);
    await collecting.signal('go', 'a');
    await collecting.signal('go', 'b');
    await killable.crashNode();
    expect(killable.node.ready.recoveredRuns).toBeGreaterThanOrEqual(2);
    await collecting.signal('go', 'c');
    expect(await collecting.result()).toEqual(['a', 'b', 'c']);
    await waiting.signal('go', 'late');
    expect(await waiting.result()).toBe('signal:late');
  }, 60_000);

  test('a timer keeps its moment; what fell due meanwhile fires once', async () => {
    const handles = await Promise.all([200, 1500, 4000].map((ms) => start('waiter', ms)));
    await pause(100);
    await killable.crashNode(2000);
    for (const [index, handle] of handles.entries()) {
      expect(await handle.result()).toBe('timeout');
      const events = await eventsOf(handle);
      const started = events.find((event) => event.timerStartedEventAttributes);
      const fired = events.filter((event) => event.timerFiredEventAttributes);
      expect(fired).toHaveLength(1);
      const tookMs = timeMs(fired[0]) - timeMs(started);
      expect(tookMs).toBeGreaterThanOrEqual([200, 1500, 4000][index] ?? 0);
      if (index === 2) expect(tookMs).toBeLessThan(5000);
    }
  }, 60_000);

  test('an activity in back-off keeps its attempt', async () => {
    const handle = await start('flaky', 4);
    await eventually(
      async () => (await handle.describe()).raw.pendingActivities?.[0]?.attempt ?? 0,
      (attempt) => attempt >= 3,
    );
    await killable.crashNode();
    expect(await handle.result()).toBe(5);
  }, 60_000);

  test('an activity that ends while the node is down is not run again', async () => {
    const handle = await start('slowActivity', 1000);
    await eventually(
      async () => (await handle.describe()).raw.pendingActivities?.[0]?.state,
      (state) => Number(state) === 2,
    );
    await killable.crashNode(1500);
    expect(await handle.result()).toBe('slept 1000');
    const started = (await eventsOf(handle)).find((event) => event.activityTaskStartedEventAttributes);
    expect(started?.activityTaskStartedEventAttributes?.attempt).toBe(1);
  }, 60_000);

  test('a closed run is still closed, with its result and its history', async () => {
    const handle = await start('hello', 'Aoi');
    await handle.result();
    const before = await handle.fetchHistory();
    await killable.crashNode();
    expect(await handle.result()).toBe('Hello Aoi');
    expect(await handle.fetchHistory()).toEqual(before);
  }, 60_000);

  test('a second node on the same folder is told who has it', async () => {
    await expect(startNodeProcess(killable.dataDir, 0)).rejects.toThrow('ended with code 1');
  });
});

describe('a worker that is gone', () => {
  test('killed: the task it held is with another one within two seconds', async () => {
    const handle = await start('longLocal', 4000);
    await eventually(
      async () => (await handle.describe()).raw.pendingWorkflowTask?.state,
      (state) => Number(state) === 2,
    );
    const other = await killable.anotherWorker();
    await end(killable.worker);
    const killedMs = Date.now();
    killable.replaceWorker(other);
    expect(await handle.result()).toBe('slept 4000');
    // It starts anew with the other worker, which has until then waited two seconds at most.
    expect(Date.now() - killedMs).toBeLessThan(4000 + 2000);
    const events = await eventsOf(handle);
    const timedOut = events.findIndex((event) => event.workflowTaskTimedOutEventAttributes);
    const next = events.slice(timedOut).find((event) => event.workflowTaskStartedEventAttributes);
    expect(timedOut).toBeGreaterThan(0);
    expect(next?.workflowTaskStartedEventAttributes?.identity).toMatch(new RegExp(`^${other.pid}@`));
  }, 60_000);

  test('killed between tasks: the next task does not wait for it', async () => {
    const handle = await start('steps', 1500);
    await eventually(async () => (await eventsOf(handle)).some((event) => event.timerStartedEventAttributes), Boolean);
    await killable.crashWorker();
    const sinceMs = Date.now();
    expect(await handle.result()).toBe('Hello 1Hello 2');
    // Its own queue would have kept the task for ten seconds.
    expect(Date.now() - sinceMs).toBeLessThan(8000);
  }, 60_000);

  test('frozen: its task is with another one within ten seconds, whatever the task time-out', async () => {
    const handle = await killable.client.workflow.start('longLocal', {
      taskQueue: killable.taskQueue,
      workflowId: newId('crash'),
      args: [3000],
      workflowTaskTimeout: '2 minutes',
    });
    await eventually(
      async () => (await handle.describe()).raw.pendingWorkflowTask?.state,
      (state) => Number(state) === 2,
    );
    const frozen = killable.worker;
    frozen.kill('SIGSTOP');
    const frozenMs = Date.now();
    killable.replaceWorker(await killable.anotherWorker());
    expect(await handle.result()).toBe('slept 3000');
    expect(Date.now() - frozenMs).toBeLessThan(15_000);
    frozen.kill('SIGCONT');
    await end(frozen);
  }, 60_000);
});
