import { ActivityNotFoundError } from '@temporalio/client';
import { timeMs } from '../../kit/temporal/soak-checks.js';
import { eventually, targets } from '../../kit/temporal/target.js';
import { WorkerInUse } from '../../kit/temporal/use-server.js';

describe.each(targets)('%s', (server) => {
  const suite = new WorkerInUse(server, 'activity');
  const { options, workflow } = suite;

  interface ActivityFailureChain {
    cause?: ActivityFailureChain;
    name?: string;
    message?: string;
    type?: string;
    retryState?: string;
    timeoutType?: string;
  }

  const failureOf = async (result: Promise<unknown>): Promise<ActivityFailureChain> => {
    const error = (await result.then(
      () => ({ cause: undefined }),
      (caught: unknown) => caught,
    )) as ActivityFailureChain;
    return error.cause ?? {};
  };

  describe('activities', () => {
    test('are retried until they succeed, and tell which attempt it was', async () => {
      const handle = await workflow().start('flaky', options([2]));
      expect(await handle.result()).toBe(3);
      const { events } = await handle.fetchHistory();
      const started = events?.filter((event) => event.activityTaskStartedEventAttributes) ?? [];
      expect(started).toHaveLength(1);
      expect(started[0]?.activityTaskStartedEventAttributes?.attempt).toBe(3);
      expect(started[0]?.activityTaskStartedEventAttributes?.lastFailure?.message).toBe('attempt 2 fails');
    });

    test('the start is recorded with the time at which it was, not with that of the end', async () => {
      const handle = await workflow().start('slowActivity', options([700]));
      await handle.result();
      const { events } = await handle.fetchHistory();
      const started = events?.find((event) => event.activityTaskStartedEventAttributes);
      const completed = events?.find((event) => event.activityTaskCompletedEventAttributes);
      expect(timeMs(completed?.eventTime) - timeMs(started?.eventTime)).toBeGreaterThanOrEqual(650);
    });

    test('a final failure ends them at once', async () => {
      const failure = await failureOf(workflow().execute('failing', options()));
      expect(failure).toMatchObject({ retryState: 'NON_RETRYABLE_FAILURE', cause: { type: 'ForGood' } });
    });

    test('give up after their last attempt', async () => {
      const failure = await failureOf(workflow().execute('exhausted', options()));
      expect(failure).toMatchObject({ retryState: 'MAXIMUM_ATTEMPTS_REACHED', cause: { message: 'attempt 5 fails' } });
    });

    test('the next attempt gets the last heartbeat', async () => {
      expect(await workflow().execute('resumed', options())).toEqual({ done: 7 });
    });

    test('silence is noticed by the heartbeat time-out', async () => {
      expect(await workflow().execute('silent', options())).toBe('second attempt');
    }, 20_000);

    test.each([
      ['startToClose', 'START_TO_CLOSE'],
      ['scheduleToClose', 'SCHEDULE_TO_CLOSE'],
      ['scheduleToStart', 'SCHEDULE_TO_START'],
    ])('time out: %s', async (kind, timeoutType) => {
      const failure = await failureOf(workflow().execute('timedOutActivity', options([kind])));
      // Some servers report a start-to-close time-out where both bounds are equal.
      const accepted = kind === 'scheduleToClose' ? ['SCHEDULE_TO_CLOSE', 'START_TO_CLOSE'] : [timeoutType];
      expect(accepted).toContain(failure.cause?.timeoutType);
    });

    test('a running one hears of its cancellation by its heartbeat', async () => {
      const handle = await workflow().start('cancelsActivity', options());
      await eventually(
        async () => (await handle.describe()).raw.pendingActivities?.[0]?.state,
        (state) => Number(state) === 2,
      );
      await handle.signal('go', 'stop');
      expect(await handle.result()).toBe('cancelled');
    });

    test('can be completed by another process, by task token or by id', async () => {
      const handle = await workflow().start('elsewhere', options());
      const pending = await eventually(
        async () => (await handle.describe()).raw.pendingActivities ?? [],
        (activities) => Number(activities[0]?.state) === 2,
      );
      const activityId = pending[0]?.activityId ?? '';
      await suite.target.client.activity.heartbeat({ workflowId: handle.workflowId, activityId }, 'alive');
      await suite.target.client.activity.complete({ workflowId: handle.workflowId, activityId }, 'done elsewhere');
      expect(await handle.result()).toBe('done elsewhere');
    });

    test('what does not run cannot be completed', async () => {
      const handle = await workflow().start('waiter', options());
      const nobody = { workflowId: handle.workflowId, activityId: '1' };
      await expect(suite.target.client.activity.complete(nobody, 'x')).rejects.toThrow(ActivityNotFoundError);
      await handle.terminate();
    });

    test('200 at once all come back', async () => {
      expect(await workflow().execute('fanOut', options([200]))).toBe(200);
    });

    test('describe shows a failing one with its attempt and failure', async () => {
      const handle = await workflow().start('exhausted', options());
      const pending = await eventually(
        async () => (await handle.describe()).raw.pendingActivities ?? [],
        (activities) => (activities[0]?.attempt ?? 0) >= 3,
      );
      expect(pending[0]?.lastFailure?.message).toMatch(/^attempt \d fails$/);
      expect(pending[0]?.maximumAttempts).toBe(5);
      await handle.result().catch(() => undefined);
    });

    test('local ones, patches, upserts and memo leave their markers', async () => {
      const handle = await workflow().start('markers', { ...options(), memo: { first: 1 } });
      expect(JSON.parse((await handle.result()) as string)).toEqual(['Hello local', 'new', ['upserted'], 'kept', 36]);
      const described = await handle.describe();
      expect(described.memo).toEqual({ first: 1, note: 'kept' });
      expect(described.searchAttributes['CustomKeywordField']).toEqual(['upserted']);
    });

    test('a local one longer than a workflow task keeps its task alive', async () => {
      expect(await workflow().execute('longLocal', { ...options([4000]), workflowTaskTimeout: '2s' })).toBe(
        'slept 4000',
      );
    }, 20_000);
  });
});
