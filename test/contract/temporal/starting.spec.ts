import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { newId, newQueue, targets } from '../../kit/temporal/target.js';
import { WorkerInUse } from '../../kit/temporal/use-server.js';

const TERMINATE_IF_RUNNING = 4;

describe.each(targets)('%s', (server) => {
  const suite = new WorkerInUse(server, 'start');
  const { options, workflow } = suite;

  describe('starting a workflow', () => {
    test('runs it to its result', async () => {
      expect(await workflow().execute('hello', options(['Aoi']))).toBe('Hello Aoi');
    });

    test('refuses a second run of an id while the first is open', async () => {
      const first = options();
      const handle = await workflow().start('waiter', first);
      await expect(workflow().start('waiter', first)).rejects.toThrow(WorkflowExecutionAlreadyStartedError);
      await handle.terminate();
    });

    test('uses the open run when told to', async () => {
      const first = options();
      const handle = await workflow().start('waiter', first);
      const again = await workflow().start('waiter', { ...first, workflowIdConflictPolicy: 'USE_EXISTING' });
      expect(again.firstExecutionRunId).toBe(handle.firstExecutionRunId);
      await handle.terminate();
    });

    test('terminates the open run when told to', async () => {
      const first = options();
      const handle = await workflow().start('waiter', first);
      const next = await workflow().start('waiter', { ...first, workflowIdConflictPolicy: 'TERMINATE_EXISTING' });
      expect(next.firstExecutionRunId).not.toBe(handle.firstExecutionRunId);
      const old = workflow().getHandle(first.workflowId, handle.firstExecutionRunId);
      expect((await old.describe()).status.name).toBe('TERMINATED');
      await next.terminate();
    });

    test('a signal with start terminates the open run when told so by the older name', async () => {
      const request = {
        namespace: 'default',
        workflowId: newId('replaced'),
        workflowType: { name: 'waiter' },
        taskQueue: { name: suite.taskQueue },
        signalName: 'unknown',
        workflowIdReusePolicy: TERMINATE_IF_RUNNING,
      };
      const service = suite.target.connection.workflowService;
      const first = await service.signalWithStartWorkflowExecution({ ...request, requestId: newId('request') });
      const second = await service.signalWithStartWorkflowExecution({ ...request, requestId: newId('request') });
      expect(second.started).toBe(true);
      expect(second.runId).not.toBe(first.runId);
      const old = workflow().getHandle(request.workflowId, first.runId ?? '');
      expect((await old.describe()).status.name).toBe('TERMINATED');
      await workflow().getHandle(request.workflowId).terminate();
    });

    test.each([
      ['ALLOW_DUPLICATE', 'noop', true],
      ['ALLOW_DUPLICATE_FAILED_ONLY', 'noop', false],
      ['ALLOW_DUPLICATE_FAILED_ONLY', 'failsForGood', true],
      ['REJECT_DUPLICATE', 'failsForGood', false],
    ] as const)('after a closed run, %s lets %s run again: %s', async (workflowIdReusePolicy, type, allowed) => {
      const first = options();
      await workflow()
        .execute(type, first)
        .catch(() => undefined);
      const again = workflow().start('noop', { ...first, workflowIdReusePolicy });
      if (allowed) await (await again).result();
      else await expect(again).rejects.toThrow(WorkflowExecutionAlreadyStartedError);
    });

    test('recognises the same request again, also when the run has closed', async () => {
      const request = {
        namespace: 'default',
        workflowId: newId('twice'),
        workflowType: { name: 'noop' },
        taskQueue: { name: suite.taskQueue },
        requestId: newId('request'),
      };
      const first = await suite.target.connection.workflowService.startWorkflowExecution(request);
      const second = await suite.target.connection.workflowService.startWorkflowExecution(request);
      expect(second.runId).toBe(first.runId);
      await workflow().getHandle(request.workflowId).result();
      const third = await suite.target.connection.workflowService.startWorkflowExecution(request);
      expect(third.runId).toBe(first.runId);
    });

    test('waits out its start delay, not a moment less', async () => {
      const handle = await workflow().start('noop', { ...options(), startDelay: 700 });
      await handle.result();
      const { events } = await handle.fetchHistory();
      const atMs = (index: number) =>
        Number(events?.[index]?.eventTime?.seconds) * 1000 + (events?.[index]?.eventTime?.nanos ?? 0) / 1e6;
      expect(atMs(1) - atMs(0)).toBeGreaterThanOrEqual(700);
      expect(atMs(1) - atMs(0)).toBeLessThan(3000);
    });

    test('sees a signal that came during its start delay when the delay is over', async () => {
      const startedMs = Date.now();
      const handle = await workflow().start('collector', { ...options([1]), startDelay: 1000 });
      await handle.signal('go', 'early');
      expect(await handle.result()).toEqual(['early']);
      expect(Date.now() - startedMs).toBeGreaterThanOrEqual(1000);
    });

    test('returns memo and search attributes', async () => {
      const handle = await workflow().start('waiter', {
        ...options(),
        memo: { who: 'Aoi' },
        searchAttributes: { CustomKeywordField: ['blue'] },
      });
      const described = await handle.describe();
      expect(described.memo).toEqual({ who: 'Aoi' });
      expect(described.searchAttributes['CustomKeywordField']).toEqual(['blue']);
      expect(described.taskQueue).toBe(suite.taskQueue);
      expect(described.type).toBe('waiter');
      await handle.terminate();
    });

    test('refuses a search attribute that nobody registered', async () => {
      const start = workflow().start('noop', { ...options(), searchAttributes: { NoSuchAttribute: ['x'] } });
      await expect(start).rejects.toMatchObject({ cause: { code: 3 } });
    });

    test.each([
      ['a workflow id of 1001 characters', { workflowId: 'x'.repeat(1001) }],
      ['no workflow type', { workflowType: { name: '' } }],
      ['no task queue', { taskQueue: { name: '' } }],
      ['a negative time-out', { workflowRunTimeout: { seconds: -1 as never } }],
      ['a back-off coefficient under 1', { retryPolicy: { backoffCoefficient: 0.5 } }],
    ])('refuses %s', async (_, wrong) => {
      const request = {
        namespace: 'default',
        workflowId: newId('wrong'),
        workflowType: { name: 'noop' },
        taskQueue: { name: newQueue() },
        requestId: newId('request'),
        ...wrong,
      };
      await expect(suite.target.connection.workflowService.startWorkflowExecution(request)).rejects.toMatchObject({
        code: 3,
      });
    });

    test('accepts a workflow id of 1000 characters', async () => {
      const handle = await workflow().start('noop', options([], newId('').padEnd(1000, 'x')));
      expect(await handle.result()).toBe('ok');
    });

    test('does not know what was never started', async () => {
      await expect(workflow().getHandle(newId('nobody')).describe()).rejects.toThrow(WorkflowNotFoundError);
    });

    test('refuses a namespace it does not have', async () => {
      const call = suite.target.connection.workflowService.describeNamespace({ namespace: 'no-such-namespace' });
      await expect(call).rejects.toMatchObject({ code: 5 });
    });
  });
});
