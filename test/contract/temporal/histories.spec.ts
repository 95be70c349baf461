import { targets, pause, startWorker } from '../../kit/temporal/target.js';
import { WorkerInUse } from '../../kit/temporal/use-server.js';

describe.each(targets)('%s', (server) => {
  const suite = new WorkerInUse(server, 'history');
  const { options, service, workflow } = suite;

  describe('histories', () => {
    test('of one activity hold these events', async () => {
      const handle = await workflow().start('hello', options(['Aoi']));
      await handle.result();
      const { events } = await handle.fetchHistory();
      const kinds = events?.map((event) => Object.keys(event).find((key) => key.endsWith('Attributes')));
      expect(kinds).toEqual([
        'workflowExecutionStartedEventAttributes',
        'workflowTaskScheduledEventAttributes',
        'workflowTaskStartedEventAttributes',
        'workflowTaskCompletedEventAttributes',
        'activityTaskScheduledEventAttributes',
        'activityTaskStartedEventAttributes',
        'activityTaskCompletedEventAttributes',
        'workflowTaskScheduledEventAttributes',
        'workflowTaskStartedEventAttributes',
        'workflowTaskCompletedEventAttributes',
        'workflowExecutionCompletedEventAttributes',
      ]);
      expect(events?.map((event) => Number(event.eventId))).toEqual(kinds?.map((_, index) => index + 1));
    });

    test('keep the flags the worker used: without them a replay proves nothing', async () => {
      const handle = await workflow().start('hello', options(['Aoi']));
      await handle.result();
      const { events } = await handle.fetchHistory();
      const first = events?.find((event) => event.workflowTaskCompletedEventAttributes);
      expect(first?.workflowTaskCompletedEventAttributes?.sdkMetadata?.coreUsedFlags?.length).toBeGreaterThan(0);
      expect(first?.workflowTaskCompletedEventAttributes?.sdkMetadata?.sdkName).toBe('temporal-typescript');
    });

    test('are read in pages', async () => {
      const handle = await workflow().start('manyActivities', options([20]));
      await handle.result();
      const all = (await handle.fetchHistory()).events ?? [];
      const ids: number[] = [];
      let nextPageToken: Uint8Array | undefined;
      let pages = 0;
      do {
        const page = await service().getWorkflowExecutionHistory({
          namespace: 'default',
          execution: { workflowId: handle.workflowId },
          maximumPageSize: 7,
          ...(nextPageToken ? { nextPageToken } : {}),
        });
        ids.push(...(page.history?.events ?? []).map((event) => Number(event.eventId)));
        nextPageToken = page.nextPageToken?.length ? page.nextPageToken : undefined;
        pages++;
      } while (nextPageToken);
      expect(pages).toBeGreaterThan(1);
      expect(ids).toEqual(all.map((_, index) => index + 1));
    });

    test('long polls answer when there is something new', async () => {
      const handle = await workflow().start('collector', options([1]));
      await handle.query('state');
      const known = (await handle.describe()).historyLength;
      const request = { namespace: 'default', execution: { workflowId: handle.workflowId }, waitNewEvent: true };
      const all = await service().getWorkflowExecutionHistory(request);
      expect(all.history?.events).toHaveLength(known);
      const waiting = service().getWorkflowExecutionHistory({ ...request, nextPageToken: all.nextPageToken });
      const early = await Promise.race([waiting.then(() => 'answered'), pause(300).then(() => 'waits')]);
      expect(early).toBe('waits');
      await handle.signal('go', 'now');
      const more = (await waiting).history?.events ?? [];
      expect(Number(more[0]?.eventId)).toBe(known + 1);
      await handle.result();
    });

    test('long polls for the end answer with the last event', async () => {
      const handle = await workflow().start('collector', options([1]));
      const waiting = service().getWorkflowExecutionHistory({
        namespace: 'default',
        execution: { workflowId: handle.workflowId },
        waitNewEvent: true,
        historyEventFilterType: 2,
      });
      await handle.signal('go', 'now');
      const { history } = await waiting;
      expect(history?.events).toHaveLength(1);
      expect(history?.events?.[0]?.workflowExecutionCompletedEventAttributes).toBeTruthy();
    });

    test('can be read backwards', async () => {
      const handle = await workflow().start('noop', options());
      await handle.result();
      const ids: number[] = [];
      let nextPageToken: Uint8Array | undefined;
      do {
        const page = await service().getWorkflowExecutionHistoryReverse({
          namespace: 'default',
          execution: { workflowId: handle.workflowId },
          maximumPageSize: 3,
          ...(nextPageToken ? { nextPageToken } : {}),
        });
        ids.push(...(page.history?.events ?? []).map((event) => Number(event.eventId)));
        nextPageToken = page.nextPageToken?.length ? page.nextPageToken : undefined;
      } while (nextPageToken);
      expect(ids).toEqual([5, 4, 3, 2, 1]);
    });

    test('can be read backwards from the newest event, however large they are', async () => {
      const handle = await workflow().start('waiter', options());
      for (let index = 0; index < 4; index++) await handle.signal('unknown', 'x'.repeat(900_000));
      await handle.terminate();
      const length = (await handle.describe()).historyLength;
      const ids: number[] = [];
      let nextPageToken: Uint8Array | undefined;
      do {
        const page = await service().getWorkflowExecutionHistoryReverse({
          namespace: 'default',
          execution: { workflowId: handle.workflowId },
          ...(nextPageToken ? { nextPageToken } : {}),
        });
        ids.push(...(page.history?.events ?? []).map((event) => Number(event.eventId)));
        nextPageToken = page.nextPageToken?.length ? page.nextPageToken : undefined;
      } while (nextPageToken);
      expect(ids).toEqual(Array.from({ length }, (_, index) => length - index));
    });

    test.each(['getWorkflowExecutionHistory', 'getWorkflowExecutionHistoryReverse'] as const)(
      '%s takes a negative page size for none',
      async (method) => {
        const handle = await workflow().start('noop', options());
        await handle.result();
        const execution = { workflowId: handle.workflowId };
        const page = await service()[method]({ namespace: 'default', execution, maximumPageSize: -1 });
        expect(page.history?.events).toHaveLength(5);
      },
    );

    test('a worker without a memory replays a long one in pages', async () => {
      const forgetful = await startWorker(suite.target, { maxCachedWorkflows: 0 });
      const handle = await workflow().start('manyActivities', { ...options([40]), taskQueue: forgetful.taskQueue });
      expect(await handle.result()).toBe(40 * 'Hello '.length);
      await forgetful.stop();
    }, 60_000);
  });
});
