import { useRawNodes } from '../../../../test/kit/temporal/raw-node.js';
import { pause } from '../../../../test/kit/temporal/target.js';

const run = useRawNodes();

const HEAD = ['WORKFLOW_EXECUTION_STARTED', 'WORKFLOW_TASK_SCHEDULED', 'WORKFLOW_TASK_STARTED'];

const bytes = (length: number) => ({ data: new Uint8Array(length) });

test.each([
  ['answer', { resultType: 1, answer: { payloads: [bytes(2_100_000)] } }],
  ['failure', { resultType: 2, errorMessage: 'no', failure: { message: 'x'.repeat(2_100_000) } }],
])('a query with too large an %s fails; the task it came with does not', async (_, result) => {
  const { connection, worker } = await run();
  const id = await worker.start();
  const query = connection.workflowService
    .queryWorkflow({ namespace: 'default', execution: { workflowId: id }, query: { queryType: 'state' } })
    .catch((error: unknown) => error);
  await pause(200);
  const { taskToken, queries } = await worker.poll();
  const queryResults = Object.fromEntries(Object.keys(queries ?? {}).map((key) => [key, result]));
  expect(Object.keys(queryResults)).toHaveLength(1);
  await connection.workflowService.respondWorkflowTaskCompleted({ taskToken: taskToken ?? null, queryResults });
  expect(await query).toMatchObject({ code: 3, details: expect.stringContaining('exceeds size limit') as string });
  expect(await worker.kinds(id)).toEqual([...HEAD, 'WORKFLOW_TASK_COMPLETED']);
});

test('a query that waited for a worker until there was news rides on the task that tells the news', async () => {
  const { connection, worker } = await run();
  const id = await worker.start();
  await worker.complete(await worker.poll());
  const answer = connection.workflowService.queryWorkflow({
    namespace: 'default',
    execution: { workflowId: id },
    query: { queryType: 'state' },
  });
  await pause(200);
  await worker.signal(id);
  const task = await worker.poll();
  expect(task.query).toBeNull();
  const [queryId = ''] = Object.keys(task.queries ?? {});
  await connection.workflowService.respondWorkflowTaskCompleted({
    taskToken: task.taskToken ?? null,
    queryResults: { [queryId]: { resultType: 1, answer: { payloads: [bytes(3)] } } },
  });
  expect((await answer).queryResult?.payloads?.[0]?.data).toHaveLength(3);
});
