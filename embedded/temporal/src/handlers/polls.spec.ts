import { completeWorkflow, RawWorker } from '../../../../test/kit/temporal/raw-worker.js';
import { openDoomed, useRawNodes } from '../../../../test/kit/temporal/raw-node.js';
import { pause } from '../../../../test/kit/temporal/target.js';
import { Polls } from './polls.js';

const run = useRawNodes();

describe('a worker that was killed', () => {
  test('gets nothing more: its task goes to another one at once, however many polls it left behind', async () => {
    const { node, worker } = await run();
    const doomed = await openDoomed(node.ready.port);
    const lost = new RawWorker(doomed.connection, worker.queue);
    const held = lost.poll();
    const id = await worker.start();
    expect((await held).attempt).toBe(1);
    const left = Array.from({ length: 5 }, () => lost.poll().catch(() => undefined));
    await pause(200);
    const next = worker.poll();
    await pause(200);
    const killedMs = Date.now();
    await doomed.kill();
    const task = await next;
    expect(Date.now() - killedMs).toBeLessThan(2000);
    expect(task.attempt).toBe(2);
    await worker.complete(task, [completeWorkflow]);
    expect(await worker.kinds(id)).toContain('WORKFLOW_EXECUTION_COMPLETED');
    await Promise.all(left);
  });

  test('leaves no poll behind', async () => {
    const { node, worker } = await run();
    const doomed = await openDoomed(node.ready.port);
    const lost = new RawWorker(doomed.connection, worker.queue);
    const left = [lost.poll(), lost.pollActivity()].map((poll) => poll.catch(() => undefined));
    await pause(200);
    await doomed.kill();
    await Promise.all(left);
    await pause(200);
    const { matching } = node.engine;
    for (const kind of ['workflow', 'activity'] as const) {
      expect([...matching.queue('default', kind, worker.queue).pollers]).toEqual([]);
    }
  });
});

test('a poll whose caller has left already takes no task', async () => {
  const { node, worker } = await run();
  const polls = new Polls({ engine: node.engine, isStopping: () => false } as never);
  const request = { namespace: 'default', taskQueue: { name: worker.queue }, identity: 'gone', workerInstanceKey: '' };
  const gone = { connection: 'gone', deadlineMs: 60_000, onCancel: (callback: () => void) => callback() };
  expect(await polls.wait('workflow', request, gone)).toBeUndefined();
  const id = await worker.start();
  expect((await worker.poll()).workflowExecution?.workflowId).toBe(id);
});

test('polls are limited', async () => {
  const { connection } = await run({ limits: { waitingPolls: 1 } });
  const poll = () =>
    connection.withDeadline(Date.now() + 1500, () =>
      connection.workflowService.pollActivityTaskQueue({ namespace: 'default', taskQueue: { name: 'q' } }),
    );
  const first = poll();
  await pause(200);
  await expect(poll()).rejects.toMatchObject({ code: 8 });
  expect((await first).taskToken).toHaveLength(0);
});
