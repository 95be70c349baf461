import { useRawNodes } from '../../../../test/kit/temporal/raw-node.js';
import {
  RawWorker,
  cancelTimer,
  completeWorkflow,
  scheduleActivity,
  startTimer,
} from '../../../../test/kit/temporal/raw-worker.js';
import { temporaryFolder } from '../../../../test/kit/temporal/target.js';

const run = useRawNodes();

const HEAD = ['WORKFLOW_EXECUTION_STARTED', 'WORKFLOW_TASK_SCHEDULED', 'WORKFLOW_TASK_STARTED'];

describe('facts that arrive while a worker decides', () => {
  test('stand after its commands', async () => {
    const { worker } = await run();
    const id = await worker.start();
    const task = await worker.poll();
    await worker.signal(id);
    await worker.complete(task, [startTimer('a', 60_000)]);
    expect((await worker.kinds(id)).slice(3)).toEqual([
      'WORKFLOW_TASK_COMPLETED',
      'TIMER_STARTED',
      'WORKFLOW_EXECUTION_SIGNALED',
      'WORKFLOW_TASK_SCHEDULED',
    ]);
  });

  test('keep it from ending unseen', async () => {
    const { worker } = await run();
    const id = await worker.start();
    const task = await worker.poll();
    await worker.signal(id);
    await expect(worker.complete(task, [completeWorkflow])).rejects.toMatchObject({ details: 'UnhandledCommand' });
    const again = await worker.poll();
    expect(again.attempt).toBe(1);
    await worker.complete(again, [completeWorkflow]);
    expect((await worker.kinds(id)).slice(3)).toEqual([
      'WORKFLOW_TASK_FAILED',
      'WORKFLOW_EXECUTION_SIGNALED',
      'WORKFLOW_TASK_SCHEDULED',
      'WORKFLOW_TASK_STARTED',
      'WORKFLOW_TASK_COMPLETED',
      'WORKFLOW_EXECUTION_COMPLETED',
    ]);
  });

  test('a timer that fired unseen and is cancelled has never fired', async () => {
    const { node, worker } = await run();
    const id = await worker.start();
    await worker.complete(await worker.poll(), [startTimer('a', 5000)]);
    await worker.signal(id);
    const task = await worker.poll();
    await node.time?.advance(5000);
    expect(await worker.kinds(id)).not.toContain('TIMER_FIRED');
    await worker.complete(task, [cancelTimer('a'), startTimer('b', 60_000)]);
    expect((await worker.kinds(id)).filter((kind) => kind.startsWith('TIMER'))).toEqual([
      'TIMER_STARTED',
      'TIMER_CANCELED',
      'TIMER_STARTED',
    ]);
  });
});

describe('what is held back', () => {
  const KIB = 1024;

  test.each([
    ['facts', { heldBackEvents: 3 }, 4, 10],
    ['bytes', { heldBackBytes: 40 * KIB }, 5, 9 * KIB],
  ])('is limited in %s: one more takes the task from its worker', async (_, limits, count, bytes) => {
    const { worker } = await run({ limits });
    const id = await worker.start();
    const task = await worker.poll();
    for (let i = 1; i < count; i++) await worker.signal(id, 'go', `${i}`, bytes);
    expect(await worker.kinds(id)).toEqual(HEAD);
    await worker.signal(id, 'go', 'last', bytes);
    expect((await worker.kinds(id)).slice(3)).toEqual([
      'WORKFLOW_TASK_FAILED',
      ...Array.from({ length: count }, () => 'WORKFLOW_EXECUTION_SIGNALED'),
      'WORKFLOW_TASK_SCHEDULED',
    ]);
    // FORCE_CLOSE_COMMAND, as a real server has it.
    expect((await worker.history(id))[3]?.workflowTaskFailedEventAttributes?.cause).toBe(17);
    await expect(worker.complete(task)).rejects.toMatchObject({ code: 5 });
    const again = await worker.poll();
    expect(again.attempt).toBe(1);
    await worker.complete(again, [completeWorkflow]);
  });

  test('is written once, not with every transition, and survives a restart in its order', async () => {
    const { path: dataDir } = temporaryFolder();
    const { node, worker } = await run({ dataDir });
    const id = await worker.start();
    const first = [startTimer('a', 1000), startTimer('b', 2000), scheduleActivity('1', worker.queue)];
    await worker.complete(await worker.poll(), first);
    const activity = await worker.pollActivity();
    await worker.heartbeat(activity, 500 * KIB);
    await worker.signal(id);
    const task = await worker.poll();
    for (const name of ['one', 'two']) await worker.signal(id, name, name, 500 * KIB);
    await node.time?.advance(3000);
    await worker.signal(id, 'three');
    const sizes = 'SELECT length(state) AS state, (SELECT count(*) FROM held_back) AS held FROM runs';
    const { state, held } = node.engine.store.prepare(sizes).get() ?? {};
    expect(Number(state)).toBeLessThan(4 * KIB);
    expect(held).toBe(5);
    await node.stop();

    const back = await run({ dataDir });
    const again = new RawWorker(back.connection, worker.queue);
    const [pending] = (await again.describe(id)).pendingActivities ?? [];
    expect(pending?.heartbeatDetails?.payloads?.[0]?.data).toHaveLength(500 * KIB);
    await again.complete(task, [cancelTimer('a')]);
    const kinds = await again.kinds(id);
    expect(kinds.slice(kinds.indexOf('TIMER_CANCELED'))).toEqual([
      'TIMER_CANCELED',
      'WORKFLOW_EXECUTION_SIGNALED',
      'WORKFLOW_EXECUTION_SIGNALED',
      'TIMER_FIRED',
      'WORKFLOW_EXECUTION_SIGNALED',
      'WORKFLOW_TASK_SCHEDULED',
    ]);
    await again.complete(await again.poll(), [completeWorkflow]);
    const left = 'SELECT (SELECT count(*) FROM held_back) + (SELECT count(*) FROM activity_details) AS rows';
    expect(back.node.engine.store.prepare(left).get()?.['rows']).toBe(0);
  });
});
