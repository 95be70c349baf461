import { connectTo, useRawNodes } from '../../../../test/kit/temporal/raw-node.js';
import { RawWorker, completeWorkflow, scheduleActivity } from '../../../../test/kit/temporal/raw-worker.js';
import { pause } from '../../../../test/kit/temporal/target.js';

const run = useRawNodes();

describe.each([
  ['open', true],
  ['with TLS and secret', false],
])('a connection that breaks (%s)', (_, insecure) => {
  test('gives back the workflow task that went out over it', async () => {
    const { node, worker } = await run({ insecure });
    const id = await worker.start();
    const doomed = await connectTo(node);
    const lost = await new RawWorker(doomed, worker.queue).poll();
    await doomed.close();
    const again = await worker.poll();
    expect(again.attempt).toBe(2);
    await expect(worker.complete(lost)).rejects.toMatchObject({ code: 5 });
    await worker.complete(again, [completeWorkflow]);
    expect(await worker.kinds(id)).toContain('WORKFLOW_TASK_TIMED_OUT');
  });

  test('leaves the activity that went out over it to its own time-outs', async () => {
    const { node, worker } = await run({ insecure });
    const id = await worker.start();
    await worker.complete(await worker.poll(), [scheduleActivity('1', worker.queue)]);
    const doomed = await connectTo(node);
    await new RawWorker(doomed, worker.queue).pollActivity();
    await doomed.close();
    await pause(300);
    const [pending] = (await worker.describe(id)).pendingActivities ?? [];
    expect(pending).toMatchObject({ state: 2, attempt: 1 });
  });
});
