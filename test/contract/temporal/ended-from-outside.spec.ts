import { RawWorker, rawId } from '../../kit/temporal/raw-worker.js';
import { eventually, targets } from '../../kit/temporal/target.js';
import { ServerInUse } from '../../kit/temporal/use-server.js';

describe.each(targets)('%s', (server) => {
  const suite = new ServerInUse(server);

  test.each(['terminated', 'timed out'])('a run %s while a worker decides: its task fails first', async (how) => {
    const worker = new RawWorker(suite.target.connection, rawId());
    const id = await worker.start({
      workflowId: `${worker.queue}-${Date.now()}`,
      ...(how === 'timed out' ? { workflowRunTimeout: { seconds: 5 as never } } : {}),
    });
    await worker.poll();
    await worker.signal(id);
    if (how === 'terminated') await suite.workflow().getHandle(id).terminate();
    const kinds = await eventually(
      () => worker.kinds(id),
      (events) => events.length > 5,
      15_000,
    );
    expect(kinds.slice(2)).toEqual([
      'WORKFLOW_TASK_STARTED',
      'WORKFLOW_TASK_FAILED',
      'WORKFLOW_EXECUTION_SIGNALED',
      how === 'terminated' ? 'WORKFLOW_EXECUTION_TERMINATED' : 'WORKFLOW_EXECUTION_TIMED_OUT',
    ]);
  });
});
