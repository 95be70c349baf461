import { useRawNodes } from '../../../../test/kit/temporal/raw-node.js';
import { RawWorker, completeWorkflow } from '../../../../test/kit/temporal/raw-worker.js';
import { temporaryFolder } from '../../../../test/kit/temporal/target.js';

const run = useRawNodes();

const HEAD = ['WORKFLOW_EXECUTION_STARTED', 'WORKFLOW_TASK_SCHEDULED', 'WORKFLOW_TASK_STARTED'];

describe('a workflow task that fails', () => {
  test('leaves a trace the first time only, and none of the repetitions until one succeeds', async () => {
    const { worker } = await run();
    const id = await worker.start();
    await worker.fail(await worker.poll());
    for (let attempt = 2; attempt <= 4; attempt++) {
      const task = await worker.poll();
      expect(task.attempt).toBe(attempt);
      const events = task.history?.events ?? [];
      expect(Number(events.at(-1)?.eventId)).toBe(Number(task.startedEventId));
      await worker.fail(task);
    }
    expect(await worker.kinds(id)).toEqual([...HEAD, 'WORKFLOW_TASK_FAILED']);
    await worker.complete(await worker.poll(), [completeWorkflow]);
    expect((await worker.kinds(id)).slice(4)).toEqual([
      'WORKFLOW_TASK_SCHEDULED',
      'WORKFLOW_TASK_STARTED',
      'WORKFLOW_TASK_COMPLETED',
      'WORKFLOW_EXECUTION_COMPLETED',
    ]);
  });

  test('stands in the history with the times its worker was told, however late it answers', async () => {
    const { node, worker } = await run();
    const id = await worker.start();
    await worker.fail(await worker.poll());
    const task = await worker.poll();
    expect(task.attempt).toBe(2);
    await node.time?.advance(5000);
    await worker.complete(task, [completeWorkflow]);
    const told = (task.history?.events ?? []).slice(-2).map(({ eventTime }) => eventTime);
    const stored = (await worker.history(id)).slice(4, 6).map(({ eventTime }) => eventTime);
    expect(stored).toEqual(told);
    expect(told[1]).toEqual(task.startedTime);
  });

  test('an answer to a task that timed out is refused', async () => {
    const { node, worker } = await run();
    await worker.start();
    const task = await worker.poll();
    await node.time?.advance(10_000);
    await expect(worker.complete(task)).rejects.toMatchObject({ code: 5 });
    expect((await worker.poll()).attempt).toBe(2);
  });
});

describe('a workflow task that a worker holds when the node ends', () => {
  const restart = async (): Promise<[RawWorker, string, Awaited<ReturnType<RawWorker['poll']>>]> => {
    const { path: dataDir } = temporaryFolder();
    const { node, worker } = await run({ dataDir });
    const id = await worker.start({ workflowTaskTimeout: { seconds: 60 as never } });
    const task = await worker.poll();
    await node.stop();
    const back = await run({ dataDir });
    return [new RawWorker(back.connection, worker.queue), id, task];
  };

  test('may still be answered', async () => {
    const [worker, id, task] = await restart();
    await worker.complete(task, [completeWorkflow]);
    expect(await worker.kinds(id)).toContain('WORKFLOW_EXECUTION_COMPLETED');
  });

  test('is with another one within seconds, whatever its time-out', async () => {
    const [worker, id, task] = await restart();
    const sinceMs = Date.now();
    const again = await worker.poll();
    expect(Date.now() - sinceMs).toBeLessThan(6000);
    expect(again.attempt).toBe(2);
    await expect(worker.complete(task)).rejects.toMatchObject({ code: 5 });
    await worker.complete(again, [completeWorkflow]);
    expect(await worker.kinds(id)).toContain('WORKFLOW_TASK_TIMED_OUT');
  });
});
