import { eventually, newId, targets } from '../../kit/temporal/target.js';
import { WorkerInUse } from '../../kit/temporal/use-server.js';

describe.each(targets)('%s', (server) => {
  const suite = new WorkerInUse(server, 'list');
  const mark = newId('mark').replaceAll('-', '');

  beforeAll(async () => {
    const start = (type: string, n: number) =>
      suite.target.client.workflow.start(type, {
        taskQueue: suite.taskQueue,
        workflowId: `${mark}-${type}-${n}`,
        args: [],
        memo: { n },
        searchAttributes: { CustomKeywordField: [`${mark}-${n % 2 ? 'odd' : 'even'}`] },
      });
    for (let n = 0; n < 6; n++) await (await start('noop', n)).result();
    for (let n = 0; n < 3; n++) await start('waiter', n);
    await (await start('failsForGood', 0)).result().catch(() => undefined);
    // A cluster's lists lag behind a little.
    await eventually(
      () => ids(`WorkflowId STARTS_WITH '${mark}' AND ExecutionStatus != 'Running'`),
      (found) => found.length === 7,
    );
    await eventually(
      () => ids(`WorkflowId STARTS_WITH '${mark}'`),
      (found) => found.length === 10,
    );
  }, 60_000);
  afterAll(async () => {
    const waiters = [0, 1, 2].map((n) => suite.target.client.workflow.getHandle(`${mark}-waiter-${n}`));
    // Tidying up on a server that others use; what was to be proved has been proved.
    await Promise.allSettled(waiters.map((waiter) => waiter.terminate()));
  });

  async function ids(query: string): Promise<string[]> {
    const found: string[] = [];
    for await (const { workflowId } of suite.target.client.workflow.list({ query, pageSize: 3 }))
      found.push(workflowId);
    return found;
  }
  const short = async (query: string): Promise<string[]> =>
    (await ids(`WorkflowId STARTS_WITH '${mark}' AND ${query}`)).map((id) => id.slice(mark.length + 1)).toSorted();

  describe('lists', () => {
    test.each([
      [`WorkflowType = 'noop'`, ['noop-0', 'noop-1', 'noop-2', 'noop-3', 'noop-4', 'noop-5']],
      [`ExecutionStatus = 'Running'`, ['waiter-0', 'waiter-1', 'waiter-2']],
      [`ExecutionStatus = "Failed"`, ['failsForGood-0']],
      [`ExecutionStatus IN ('Running', 'Failed')`, ['failsForGood-0', 'waiter-0', 'waiter-1', 'waiter-2']],
      [`WorkflowType = 'waiter' AND CustomKeywordField = '${mark}-odd'`, ['waiter-1']],
      [`WorkflowType = 'waiter' AND CustomKeywordField != '${mark}-odd'`, ['waiter-0', 'waiter-2']],
      [
        `(WorkflowType = 'waiter' OR WorkflowType = 'failsForGood') AND StartTime > '2001-01-01T00:00:00Z'`,
        ['failsForGood-0', 'waiter-0', 'waiter-1', 'waiter-2'],
      ],
      [`WorkflowId = '${mark}-noop-2'`, ['noop-2']],
      [`CloseTime IS NULL`, ['waiter-0', 'waiter-1', 'waiter-2']],
      [`StartTime BETWEEN '2001-01-01T00:00:00Z' AND '2002-01-01T00:00:00Z'`, []],
      [`CustomKeywordField IS NULL`, []],
    ])('%s', async (query, expected) => {
      expect(await short(query)).toEqual(expected);
    });

    test('show what is open first, then what closed last, over all pages', async () => {
      const found = (await ids(`WorkflowId STARTS_WITH '${mark}'`)).map((id) => id.slice(mark.length + 1));
      expect(found).toEqual([
        ...['waiter-2', 'waiter-1', 'waiter-0', 'failsForGood-0'],
        ...['noop-5', 'noop-4', 'noop-3', 'noop-2', 'noop-1', 'noop-0'],
      ]);
    });

    test('carry type, times, memo and search attributes', async () => {
      const listed = suite.target.client.workflow.list({ query: `WorkflowId = '${mark}-noop-1'` });
      const found = [];
      for await (const one of listed) found.push(one);
      const [info] = found;
      expect(info).toMatchObject({ type: 'noop', taskQueue: suite.taskQueue, historyLength: 5, memo: { n: 1 } });
      expect(info?.searchAttributes['CustomKeywordField']).toEqual([`${mark}-odd`]);
      expect(Number(info?.closeTime)).toBeGreaterThanOrEqual(Number(info?.startTime));
    });

    test('take a negative page size for none', async () => {
      const query = `WorkflowId STARTS_WITH '${mark}'`;
      const page = { namespace: 'default', query, pageSize: -1 };
      const { executions } = await suite.target.connection.workflowService.listWorkflowExecutions(page);
      expect(executions).toHaveLength(10);
    });

    test('count, in all and by status', async () => {
      const query = `WorkflowId STARTS_WITH '${mark}'`;
      expect((await suite.target.client.workflow.count(query)).count).toBe(10);
      const { groups } = await suite.target.client.workflow.count(`${query} GROUP BY ExecutionStatus`);
      const counts = Object.fromEntries(groups.map(({ groupValues, count }) => [String(groupValues[0]), count]));
      expect(counts).toEqual({ Running: 3, Completed: 6, Failed: 1 });
    });

    test.each([
      `WorkflowType =`,
      `NoSuchField = 'x'`,
      `WorkflowType ~ 'x'`,
      `ExecutionStatus = 'Dancing'`,
      `(WorkflowType = 'x'`,
    ])('refuse %s', async (query) => {
      const call = suite.target.connection.workflowService.listWorkflowExecutions({ namespace: 'default', query });
      await expect(call).rejects.toMatchObject({ code: 3 });
    });
  });
});
