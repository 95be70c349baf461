import { eventually, newQueue, targets, startWorker, workflowBundle } from '../../kit/temporal/target.js';
import { WorkerInUse } from '../../kit/temporal/use-server.js';

describe.each(targets)('%s', (server) => {
  const suite = new WorkerInUse(server, 'closing');
  const { options, workflow } = suite;

  describe('timers', () => {
    test('fire, and never early', async () => {
      const handle = await workflow().start('waiter', options([500]));
      expect(await handle.result()).toBe('timeout');
      const { events } = await handle.fetchHistory();
      const at = (name: 'timerStartedEventAttributes' | 'timerFiredEventAttributes') => {
        const time = events?.find((event) => event[name])?.eventTime;
        return Number(time?.seconds) * 1000 + (time?.nanos ?? 0) / 1e6;
      };
      const tookMs = at('timerFiredEventAttributes') - at('timerStartedEventAttributes');
      expect(tookMs).toBeGreaterThanOrEqual(500);
      expect(tookMs).toBeLessThan(3000);
    });

    test('may be cancelled while their firing is on its way', async () => {
      const all = Array.from({ length: 5 }, () => workflow().execute('timerRaces', options([15])));
      expect(await Promise.all(all)).toEqual([15, 15, 15, 15, 15]);
      // A cluster's timers are whole seconds late.
    }, 90_000);

    test('end a scope', async () => {
      expect(await workflow().execute('scopeTimeout', options())).toBe('scope cancelled');
    });
  });

  describe('ending', () => {
    test('a cancelled workflow may clean up', async () => {
      const handle = await workflow().start('cancellable', options());
      await handle.cancel();
      await handle.cancel();
      expect(await handle.result()).toBe('cleaned: Hello up');
    });

    test('or end as cancelled', async () => {
      const handle = await workflow().start('cancelledForGood', options());
      await handle.cancel();
      await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
      expect((await handle.describe()).status.name).toBe('CANCELLED');
    });

    test('a terminated one is not asked', async () => {
      const handle = await workflow().start('cancellable', options());
      await handle.terminate('enough');
      await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'TerminatedFailure', message: 'enough' } });
      expect((await handle.describe()).status.name).toBe('TERMINATED');
      await expect(handle.terminate()).rejects.toMatchObject({ name: 'WorkflowNotFoundError' });
    });

    test('a failed one tells type and details', async () => {
      const result = workflow().execute('failsForGood', options());
      await expect(result).rejects.toMatchObject({ cause: { type: 'Boom', details: [{ code: 42 }], message: 'boom' } });
    });

    test('continue-as-new goes on under the same id', async () => {
      const handle = await workflow().start('countdown', { ...options([4]), memo: { kept: true } });
      expect(await handle.result()).toBe(4 * 'Hello '.length);
      const described = await workflow().getHandle(handle.workflowId).describe();
      expect(described.memo).toEqual({ kept: true });
      expect(described.runId).not.toBe(handle.firstExecutionRunId);
      const first = await workflow().getHandle(handle.workflowId, handle.firstExecutionRunId).describe();
      expect(first.status.name).toBe('CONTINUED_AS_NEW');
    });

    test('a retry policy starts it again', async () => {
      const retry = { initialInterval: 50, maximumAttempts: 5 };
      const handle = await workflow().start('retried', { ...options([3]), retry });
      expect(await handle.result()).toBe(3);
    });

    test('a retry policy has an end', async () => {
      const retry = { initialInterval: 20, maximumAttempts: 2 };
      const result = workflow().execute('retried', { ...options([9]), retry });
      await expect(result).rejects.toMatchObject({ cause: { message: 'run 2' } });
    });

    test('the run time-out ends it', async () => {
      const handle = await workflow().start('waiter', { ...options(), workflowRunTimeout: 500 });
      await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'TimeoutFailure' } });
      const described = await handle.describe();
      expect(described.status.name).toBe('TIMED_OUT');
      const openMs = Number(described.closeTime) - Number(described.startTime);
      expect(openMs).toBeGreaterThanOrEqual(500);
      expect(openMs).toBeLessThan(3500);
    });

    test('the execution time-out ends retries too', async () => {
      const retry = { initialInterval: 200, backoffCoefficient: 1 };
      const handle = await workflow().start('retried', { ...options([99]), retry, workflowExecutionTimeout: 900 });
      await expect(handle.result()).rejects.toMatchObject({ cause: { message: /^run \d$/ } });
    });

    test('a signal that comes while the workflow ends is not lost', async () => {
      const handles = await Promise.all(Array.from({ length: 20 }, () => workflow().start('collector', options([1]))));
      const results = await Promise.all(
        handles.map(async (handle) => {
          await handle.signal('go', 'first');
          const second = await handle.signal('go', 'second').then(
            () => true,
            () => false,
          );
          return { second, seen: (await handle.result()) as string[] };
        }),
      );
      // Taken means seen: an accepted signal is in the history before the end.
      for (const { second, seen } of results) expect(seen).toEqual(second ? ['first', 'second'] : ['first']);
    });

    test('a workflow task that fails is tried again', async () => {
      const taskQueue = newQueue();
      const broken = await startWorker(suite.target, {
        taskQueue,
        workflowBundle: await workflowBundle('broken-workflows.ts'),
      });
      const handle = await workflow().start('clumsy', { ...options(), taskQueue, workflowTaskTimeout: '1s' });
      await eventually(
        async () => (await handle.describe()).raw.pendingWorkflowTask?.attempt ?? 0,
        (attempt) => attempt >= 2,
      );
      await broken.stop();
      const mended = await startWorker(suite.target, { taskQueue });
      expect(await handle.result()).toBe('managed');
      await mended.stop();
      const { events } = await handle.fetchHistory();
      // On a busy machine the first attempt is not even answered in time; the others leave no trace in either case.
      const traces = events?.filter(
        (event) => event.workflowTaskFailedEventAttributes ?? event.workflowTaskTimedOutEventAttributes,
      );
      expect(traces).toHaveLength(1);
    }, 30_000);
  });
});
