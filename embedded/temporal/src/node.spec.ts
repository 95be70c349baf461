import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { Connection } from '@temporalio/client';
import {
  CommandType,
  RawWorker,
  cancelTimer,
  completeWorkflow,
  scheduleActivity,
  startChild,
  startTimer,
} from '../../../test/kit/temporal/raw-worker.js';
import { pause, temporaryFolder } from '../../../test/kit/temporal/target.js';
import { startNode, type NodeOptions, type TemporalNode } from './node.js';
import { Store } from './store/store.js';

interface Running {
  readonly node: TemporalNode;
  readonly worker: RawWorker;
  readonly connection: Connection;
}

let open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open) await one.close();
  open = [];
});

async function connect({ ready }: TemporalNode): Promise<Connection> {
  const { address, tls } = ready;
  if (!tls) return Connection.connect({ address, interceptors: [] });
  return Connection.connect({
    address,
    interceptors: [],
    tls: { serverRootCACertificate: readFileSync(tls.authorityFile), serverNameOverride: 'localhost' },
    apiKey: readFileSync(tls.secretFile, 'utf8').trim(),
  });
}

async function run(options: Partial<NodeOptions> = {}): Promise<Running> {
  const folder = temporaryFolder();
  const node = await startNode({ dataDir: folder.path, insecure: true, movableClock: true, ...options });
  const connection = await connect(node);
  open.push({
    close: async () => {
      await connection.close();
      await node.stop().catch(() => undefined);
      folder.remove();
    },
  });
  return { node, connection, worker: new RawWorker(connection) };
}

const HEAD = ['WORKFLOW_EXECUTION_STARTED', 'WORKFLOW_TASK_SCHEDULED', 'WORKFLOW_TASK_STARTED'];

describe('a batch of commands', () => {
  test('is refused as a whole: nothing of it is applied', async () => {
    const { node, worker } = await run();
    const id = await worker.start();
    const batch = [startTimer('a', 1000), scheduleActivity('1', worker.queue), cancelTimer('unknown')];
    await expect(worker.complete(await worker.poll(), batch)).rejects.toMatchObject({ code: 3 });
    expect(await worker.kinds(id)).toEqual([...HEAD, 'WORKFLOW_TASK_FAILED']);
    expect(node.engine.clock.pending).toBe(0);
    await worker.complete(await worker.poll(), [startTimer('a', 1000), completeWorkflow]);
  });

  test.each([
    ['two timers of one id', [startTimer('a', 1), startTimer('a', 1)], 3],
    ['two activities of one id', [scheduleActivity('1', 'q'), scheduleActivity('1', 'q')], 3],
    ['a timer without id', [startTimer('', 1)], 3],
    ['anything after the end', [completeWorkflow, startTimer('a', 1)], 3],
    ['a child workflow, by name', [startChild], 12],
  ])('refuses %s', async (_, commands, code) => {
    const { worker } = await run();
    const id = await worker.start();
    await expect(worker.complete(await worker.poll(), commands)).rejects.toMatchObject({ code });
    const failed = (await worker.history(id)).at(-1)?.workflowTaskFailedEventAttributes;
    expect(failed?.failure?.message).toBeTruthy();
    if (code === 12) expect(failed?.failure?.message).toContain('COMMAND_TYPE_START_CHILD_WORKFLOW_EXECUTION');
  });

  test('may start and cancel a timer of the same id again and again', async () => {
    const { worker } = await run();
    const id = await worker.start();
    const batch = [startTimer('a', 9), cancelTimer('a'), startTimer('a', 9), cancelTimer('a'), completeWorkflow];
    await worker.complete(await worker.poll(), batch);
    expect((await worker.kinds(id)).filter((kind) => kind.startsWith('TIMER'))).toEqual([
      'TIMER_STARTED',
      'TIMER_CANCELED',
      'TIMER_STARTED',
      'TIMER_CANCELED',
    ]);
  });
});

describe('facts that arrive while a worker decides', () => {
  test('stand after its commands', async () => {
    const { worker } = await run();
    const id = await worker.start();
    const task = await worker.poll();
    await worker.signal(id);
    await worker.complete(task, [startTimer('a', 60_000)]);
    expect((await worker.kinds(id)).slice(3)).toEqual([
      'WORKFLOW_TASK_COMPLETED',
      'TIMER_STARTED',
      'WORKFLOW_EXECUTION_SIGNALED',
      'WORKFLOW_TASK_SCHEDULED',
    ]);
  });

  test('keep it from ending unseen', async () => {
    const { worker } = await run();
    const id = await worker.start();
    const task = await worker.poll();
    await worker.signal(id);
    await expect(worker.complete(task, [completeWorkflow])).rejects.toMatchObject({ details: 'UnhandledCommand' });
    const again = await worker.poll();
    expect(again.attempt).toBe(1);
    await worker.complete(again, [completeWorkflow]);
    expect((await worker.kinds(id)).slice(3)).toEqual([
      'WORKFLOW_TASK_FAILED',
      'WORKFLOW_EXECUTION_SIGNALED',
      'WORKFLOW_TASK_SCHEDULED',
      'WORKFLOW_TASK_STARTED',
      'WORKFLOW_TASK_COMPLETED',
      'WORKFLOW_EXECUTION_COMPLETED',
    ]);
  });

  test('a timer that fired unseen and is cancelled has never fired', async () => {
    const { node, worker } = await run();
    const id = await worker.start();
    await worker.complete(await worker.poll(), [startTimer('a', 5000)]);
    await worker.signal(id);
    const task = await worker.poll();
    await node.time?.advance(5000);
    expect(await worker.kinds(id)).not.toContain('TIMER_FIRED');
    await worker.complete(task, [cancelTimer('a'), startTimer('b', 60_000)]);
    expect((await worker.kinds(id)).filter((kind) => kind.startsWith('TIMER'))).toEqual([
      'TIMER_STARTED',
      'TIMER_CANCELED',
      'TIMER_STARTED',
    ]);
  });
});

describe('what is held back', () => {
  const KIB = 1024;

  test.each([
    ['facts', { heldBackEvents: 3 }, 4, 10],
    ['bytes', { heldBackBytes: 40 * KIB }, 5, 9 * KIB],
  ])('is limited in %s: one more takes the task from its worker', async (_, limits, count, bytes) => {
    const { worker } = await run({ limits });
    const id = await worker.start();
    const task = await worker.poll();
    for (let i = 1; i < count; i++) await worker.signal(id, 'go', `${i}`, bytes);
    expect(await worker.kinds(id)).toEqual(HEAD);
    await worker.signal(id, 'go', 'last', bytes);
    expect((await worker.kinds(id)).slice(3)).toEqual([
      'WORKFLOW_TASK_FAILED',
      ...Array.from({ length: count }, () => 'WORKFLOW_EXECUTION_SIGNALED'),
      'WORKFLOW_TASK_SCHEDULED',
    ]);
    // FORCE_CLOSE_COMMAND, as a real server has it.
    expect((await worker.history(id))[3]?.workflowTaskFailedEventAttributes?.cause).toBe(17);
    await expect(worker.complete(task)).rejects.toMatchObject({ code: 5 });
    const again = await worker.poll();
    expect(again.attempt).toBe(1);
    await worker.complete(again, [completeWorkflow]);
  });

  test('is written once, not with every transition, and survives a restart in its order', async () => {
    const folder = temporaryFolder();
    const { node, worker } = await run({ dataDir: folder.path });
    const id = await worker.start();
    const first = [startTimer('a', 1000), startTimer('b', 2000), scheduleActivity('1', worker.queue)];
    await worker.complete(await worker.poll(), first);
    const activity = await worker.pollActivity();
    await worker.heartbeat(activity, 500 * KIB);
    await worker.signal(id);
    const task = await worker.poll();
    for (const name of ['one', 'two']) await worker.signal(id, name, name, 500 * KIB);
    await node.time?.advance(3000);
    await worker.signal(id, 'three');
    const sizes = 'SELECT length(state) AS state, (SELECT count(*) FROM held_back) AS held FROM runs';
    const { state, held } = node.engine.store.prepare(sizes).get() ?? {};
    expect(Number(state)).toBeLessThan(4 * KIB);
    expect(held).toBe(5);
    await node.stop();

    const back = await run({ dataDir: folder.path });
    const again = new RawWorker(back.connection, worker.queue);
    const [pending] = (await again.describe(id)).pendingActivities ?? [];
    expect(pending?.heartbeatDetails?.payloads?.[0]?.data).toHaveLength(500 * KIB);
    await again.complete(task, [cancelTimer('a')]);
    const kinds = await again.kinds(id);
    expect(kinds.slice(kinds.indexOf('TIMER_CANCELED'))).toEqual([
      'TIMER_CANCELED',
      'WORKFLOW_EXECUTION_SIGNALED',
      'WORKFLOW_EXECUTION_SIGNALED',
      'TIMER_FIRED',
      'WORKFLOW_EXECUTION_SIGNALED',
      'WORKFLOW_TASK_SCHEDULED',
    ]);
    await again.complete(await again.poll(), [completeWorkflow]);
    const left = 'SELECT (SELECT count(*) FROM held_back) + (SELECT count(*) FROM activity_details) AS rows';
    expect(back.node.engine.store.prepare(left).get()?.['rows']).toBe(0);
    await back.node.stop();
    folder.remove();
  });
});

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

describe.each([
  ['open', true],
  ['with TLS and secret', false],
])('a connection that breaks (%s)', (_, insecure) => {
  test('gives back the workflow task that went out over it', async () => {
    const { node, worker } = await run({ insecure });
    const id = await worker.start();
    const doomed = await connect(node);
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
    const doomed = await connect(node);
    await new RawWorker(doomed, worker.queue).pollActivity();
    await doomed.close();
    await pause(300);
    const [pending] = (await worker.describe(id)).pendingActivities ?? [];
    expect(pending).toMatchObject({ state: 2, attempt: 1 });
  });
});

describe('limits', () => {
  test('a history that is full ends its run', async () => {
    const { worker } = await run({ limits: { historyEvents: 10 } });
    const id = await worker.start();
    // Two events are there already.
    for (let i = 0; i < 8; i++) await worker.signal(id);
    expect((await worker.kinds(id)).at(-1)).toBe('WORKFLOW_EXECUTION_SIGNALED');
    await worker.signal(id);
    expect((await worker.kinds(id)).at(-1)).toBe('WORKFLOW_EXECUTION_TERMINATED');
  });

  test('signals per run: the last one allowed is taken, the next one is not', async () => {
    const { worker } = await run({ limits: { signalsPerRun: 3 } });
    const id = await worker.start();
    for (let i = 0; i < 3; i++) await worker.signal(id);
    await expect(worker.signal(id)).rejects.toMatchObject({ code: 3 });
  });

  test('pending activities', async () => {
    const { worker } = await run({ limits: { pendingActivitiesPerRun: 2 } });
    await worker.start();
    const activities = (count: number) => Array.from({ length: count }, (_, n) => scheduleActivity(`${n}`, 'nobody'));
    await expect(worker.complete(await worker.poll(), activities(3))).rejects.toMatchObject({ code: 3 });
    await worker.complete(await worker.poll(), activities(2));
  });

  test('open runs: a closed one makes room', async () => {
    const { worker } = await run({ limits: { openRuns: 2 } });
    await worker.start();
    await worker.start();
    await expect(worker.start()).rejects.toMatchObject({ code: 8 });
    await worker.complete(await worker.poll(), [completeWorkflow]);
    await worker.start();
  });

  describe('of what is said beside the work', () => {
    const long = 'x'.repeat(1001);
    const bytes = (length: number) => ({ data: new Uint8Array(length) });
    const execution = { namespace: 'default', workflowExecution: { workflowId: 'w' } };
    const poll = { namespace: 'default', taskQueue: { name: 'q' } };
    const start = {
      namespace: 'default',
      workflowId: 'w',
      workflowType: { name: 'w' },
      taskQueue: { name: 'q' },
      requestId: 'r',
    };
    type Service = Connection['workflowService'];

    test.each<[string, (service: Service, taskToken: Uint8Array) => Promise<unknown>]>([
      ['identity of a start', (service) => service.startWorkflowExecution({ ...start, identity: long })],
      ['summary', (service) => service.startWorkflowExecution({ ...start, userMetadata: { summary: bytes(500) } })],
      ['details', (service) => service.startWorkflowExecution({ ...start, userMetadata: { details: bytes(20_001) } })],
      [
        'retry policy',
        (service) =>
          service.startWorkflowExecution({
            ...start,
            retryPolicy: { nonRetryableErrorTypes: Array.from({ length: 20 }, () => long) },
          }),
      ],
      [
        'identity of a signal',
        (service) => service.signalWorkflowExecution({ ...execution, signalName: 's', identity: long }),
      ],
      [
        'identity of a cancellation',
        (service) => service.requestCancelWorkflowExecution({ ...execution, identity: long }),
      ],
      ['identity of a termination', (service) => service.terminateWorkflowExecution({ ...execution, identity: long })],
      ['identity of a poll', (service) => service.pollWorkflowTaskQueue({ ...poll, identity: long })],
      ['identity of a poll for activities', (service) => service.pollActivityTaskQueue({ ...poll, identity: long })],
      ['instance of a poll', (service) => service.pollActivityTaskQueue({ ...poll, workerInstanceKey: long })],
      [
        'identity of a completion',
        (service, taskToken) => service.respondWorkflowTaskCompleted({ taskToken, identity: long }),
      ],
      [
        'identity of a failure',
        (service, taskToken) => service.respondWorkflowTaskFailed({ taskToken, identity: long }),
      ],
      [
        'sticky queue',
        (service, taskToken) =>
          service.respondWorkflowTaskCompleted({ taskToken, stickyAttributes: { workerTaskQueue: { name: long } } }),
      ],
      [
        'metadata of the SDK',
        (service, taskToken) =>
          service.respondWorkflowTaskCompleted({ taskToken, sdkMetadata: { sdkName: 'x'.repeat(20_000) } }),
      ],
      [
        'summary of a command',
        (service, taskToken) => {
          const command = { ...startTimer('a', 1), userMetadata: { summary: bytes(500) } };
          return service.respondWorkflowTaskCompleted({ taskToken, commands: [command] });
        },
      ],
      [
        'identity of a result',
        (service, taskToken) => service.respondActivityTaskCompleted({ taskToken, identity: long }),
      ],
      [
        'identity of an activity that failed',
        (service, taskToken) => service.respondActivityTaskFailed({ taskToken, identity: long }),
      ],
      [
        'identity of a cancelled one',
        (service, taskToken) => service.respondActivityTaskCanceled({ taskToken, identity: long }),
      ],
    ])('%s', async (_, call) => {
      const { connection, worker } = await run();
      await worker.start({ workflowId: 'w', userMetadata: { summary: bytes(390), details: bytes(19_990) } });
      const { taskToken } = await worker.poll();
      await expect(call(connection.workflowService, taskToken ?? Buffer.of())).rejects.toMatchObject({ code: 3 });
    });

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
  });

  test('polls', async () => {
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
});

describe('what is kept', () => {
  test('closed runs do not stay in memory', async () => {
    const { node, worker } = await run();
    for (let i = 0; i < 20; i++) {
      await worker.start();
      await worker.complete(await worker.poll(), [startTimer('a', 1e9), completeWorkflow]);
    }
    expect(node.engine.open.size).toBe(0);
    expect(node.engine.clock.pending).toBe(0);
    expect(node.engine.inFlight.size).toBe(0);
  });

  test('large events of open runs are on disk only', async () => {
    const { node, worker } = await run();
    const input = { payloads: [{ data: new Uint8Array(100_000).fill(1) }] };
    const id = await worker.start({ input });
    for (let i = 0; i < 3; i++) await worker.signal(id, 'go', `${i}`, 3000);
    const tail = node.engine.open.current('default', id)?.tail ?? [];
    expect(tail.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(8192);
    const events = (await worker.poll()).history?.events ?? [];
    expect(events[0]?.workflowExecutionStartedEventAttributes?.input).toMatchObject(input);
    expect(events).toHaveLength(6);
  });

  test('memo and search attributes keep nothing else of the requests they came in', async () => {
    const { node, worker } = await run({ searchAttributes: { Colour: 'Keyword' } });
    const payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"red"') };
    const large = { payloads: [{ data: new Uint8Array(1_000_000).fill(1) }] };
    const fields = (name: string) => ({ fields: { [name]: payload } });
    const attributes = { searchAttributes: { indexedFields: { Colour: payload } } };
    const marker = { markerName: 'm', details: { large } };
    const padding = { commandType: CommandType.COMMAND_TYPE_RECORD_MARKER, recordMarkerCommandAttributes: marker };
    const held = () => {
      const { memo = {}, searchAttributes = {} } = node.engine.open.current('default', id) ?? {};
      expect(Object.keys(searchAttributes)).toEqual(['Colour']);
      const payloads = [...Object.values(memo), ...Object.values(searchAttributes)];
      const bytes = payloads.flatMap(({ data, metadata }) => [data ?? Buffer.of(), ...Object.values(metadata ?? {})]);
      // Small buffers share slabs of a few KiB.
      expect(Math.max(...bytes.map(({ buffer }) => buffer.byteLength))).toBeLessThan(70_000);
      return Object.keys(memo);
    };
    const id = await worker.start({ input: large, memo: fields('a'), ...attributes });
    expect(held()).toEqual(['a']);
    await worker.complete(await worker.poll(), [
      padding,
      {
        commandType: CommandType.COMMAND_TYPE_MODIFY_WORKFLOW_PROPERTIES,
        modifyWorkflowPropertiesCommandAttributes: { upsertedMemo: fields('b') },
      },
      {
        commandType: CommandType.COMMAND_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
        upsertWorkflowSearchAttributesCommandAttributes: attributes,
      },
    ]);
    expect(held()).toEqual(['a', 'b']);
    await worker.signal(id);
    await worker.complete(await worker.poll(), [
      {
        commandType: CommandType.COMMAND_TYPE_CONTINUE_AS_NEW_WORKFLOW_EXECUTION,
        continueAsNewWorkflowExecutionCommandAttributes: { input: large, memo: fields('c'), ...attributes },
      },
    ]);
    expect(held()).toEqual(['c']);
  });

  test('closed runs go after their retention, open ones never', async () => {
    const { node, worker } = await run({ retentionMs: 3_600_000 });
    const closed = await worker.start();
    await worker.complete(await worker.poll(), [completeWorkflow]);
    const stays = await worker.start();
    const { store } = node.engine;
    const closedMs = Number((await worker.describe(closed)).workflowExecutionInfo?.closeTime?.seconds) * 1000;
    expect(store.removeClosedBefore(closedMs, 100)).toBe(0);
    expect(store.removeClosedBefore(closedMs + 1001, 100)).toBe(1);
    await expect(worker.describe(closed)).rejects.toMatchObject({ code: 5 });
    expect((await worker.describe(stays)).workflowExecutionInfo?.status).toBe(1);
    expect(store.prepare('SELECT count(DISTINCT run) AS n FROM events').get()?.['n']).toBe(1);
  });

  describe('when removing fails', () => {
    const original = Object.getOwnPropertyDescriptor(Store.prototype, 'removeClosedBefore') ?? {};
    const mend = () => Object.defineProperty(Store.prototype, 'removeClosedBefore', original);
    afterEach(() => void mend());
    const failAfter = (sweeps: number) => {
      const removeClosedBefore = (_: number, most: number): number => {
        if (sweeps-- > 0) return most;
        throw new Error('disk gone');
      };
      Object.defineProperty(Store.prototype, 'removeClosedBefore', { value: removeClosedBefore, configurable: true });
    };
    const openFiles = (folder: string) =>
      readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
        } catch {
          return false;
        }
      });

    test('later, the node ends', async () => {
      failAfter(1);
      const { node } = await run();
      await expect(node.ended).rejects.toThrow('disk gone');
    });

    test('at start, the start fails and leaves nothing open', async () => {
      failAfter(0);
      const folder = temporaryFolder();
      const options = { dataDir: folder.path, insecure: true };
      await expect(startNode(options)).rejects.toThrow('disk gone');
      expect(openFiles(folder.path)).toEqual([]);
      mend();
      await (await startNode(options)).stop();
      folder.remove();
    });
  });

  test('a commit that fails ends the node, and nobody is told what is not on disk', async () => {
    const { node, worker } = await run();
    await worker.start();
    const ended = node.ended.then(
      () => 'stopped',
      (error: Error) => error.message,
    );
    node.engine.store.database.exec('PRAGMA query_only = ON');
    const answer = worker.start({ workflowId: 'never' }).then(
      () => 'started',
      () => 'not told',
    );
    expect(await answer).toBe('not told');
    expect(await ended).toMatch(/readonly/);
  });
});
