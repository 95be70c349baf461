import type { ChildProcess } from 'node:child_process';
import {
  Client,
  Connection,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type WorkflowHandle,
} from '@temporalio/client';
import {
  end,
  startNodeProcess,
  startWorkerProcess,
  writeBundle,
  type NodeProcess,
} from '../../kit/temporal/processes.js';
import { makePlan, modelOf, randomOf, type Plan, type Random } from '../../kit/temporal/soak-plan.js';
import { newQueue, pause, quiet, temporaryFolder } from '../../kit/temporal/target.js';

/**
 * Random workflows of every supported kind, while node and worker are killed with -9. The seed gives the same plans
 * and the same kills again; only the machine's own timing differs.
 *   SOAK_SEED=7 SOAK_MINUTES=30 npm test -- test/simulation/temporal/soak
 */
const seed = Number(process.env['SOAK_SEED'] ?? 1);
const minutes = Number(process.env['SOAK_MINUTES'] ?? 0.2);
const RUNS_PER_ROUND = 40;
const ROUND_MS = 10_000;

/** Long enough that a run is at its last wait by then, however often its worker died. */
const RUN_TIMEOUT = '25s' as const;
/** How long a run may take after the last kill. */
const PATIENCE_MS = 60_000;

let folder: ReturnType<typeof temporaryFolder>;
let node: NodeProcess;
let worker: ChildProcess;
let connection: Connection;
let client: Client;
let bundle: string;
const taskQueue = newQueue();

beforeAll(async () => {
  quiet();
  folder = temporaryFolder();
  bundle = await writeBundle(folder.path, 'soak-workflows.ts');
  node = await startNodeProcess(folder.path, 0);
  worker = await startWorkerProcess(node.ready.address, taskQueue, bundle);
  connection = await Connection.connect({ address: node.ready.address });
  client = new Client({ connection });
}, 60_000);
afterAll(async () => {
  await connection.close();
  await end(worker);
  await end(node.child);
  folder.remove();
});

/** A node that is down for a moment is not the workflow's fault: ask again. */
async function persist<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const { code, cause } = error as { code?: number; cause?: { code?: number } };
      const isTransient = [1, 4, 14].includes(code ?? cause?.code ?? 0);
      if (!isTransient) throw error;
      await pause(100);
    }
  }
}

const unless =
  (kind: new (...args: never[]) => Error) =>
  (error: unknown): void => {
    if (!(error instanceof kind)) throw error as Error;
  };

async function live(plan: Plan): Promise<WorkflowHandle> {
  const options = { taskQueue, workflowId: plan.id, args: [plan] };
  const bounded = plan.ending === 'time out' ? { ...options, workflowExecutionTimeout: RUN_TIMEOUT } : options;
  await persist(async () => {
    await client.workflow.start('soak', bounded).catch(unless(WorkflowExecutionAlreadyStartedError));
  });
  const handle = client.workflow.getHandle(plan.id);
  for (const [index, step] of plan.steps.entries()) {
    if (step.kind !== 'signal') continue;
    await pause(100);
    await persist(() => handle.signal('reach', index).catch(unless(WorkflowNotFoundError)));
  }
  if (plan.ending === 'terminate')
    await persist(() => handle.terminate('planned').catch(unless(WorkflowNotFoundError)));
  return handle;
}

/** A continuation does not inherit a request to cancel, so it is repeated until the run has ended. */
async function cancelUntilOver(handle: WorkflowHandle): Promise<void> {
  for (let open = true; open; await pause(300)) {
    await persist(() => handle.cancel().catch(unless(WorkflowNotFoundError)));
    open = (await persist(() => handle.describe())).status.name === 'RUNNING';
  }
}

interface Outcome {
  readonly status: string;
  readonly result: string | undefined;
}

async function outcome(plan: Plan, handle: WorkflowHandle): Promise<Outcome> {
  const ended = plan.ending === 'cancel' ? cancelUntilOver(handle).then(() => '') : resultOf(handle);
  const result = await Promise.race([ended, tooLong()]);
  const { status } = await persist(() => handle.describe());
  if (status.name === 'RUNNING') return { status: status.name, result: `${result}: ${await story(handle)}` };
  const hasResult = !['CANCELLED', 'TERMINATED', 'TIMED_OUT'].includes(status.name);
  return { status: status.name, result: hasResult ? result : undefined };
}

/** What a run that hangs has been through. */
async function story(handle: WorkflowHandle): Promise<string> {
  const events = (await persist(() => handle.fetchHistory())).events ?? [];
  const { raw } = await persist(() => handle.describe());
  const told = events.map((event) => {
    const [name = '', details] = Object.entries(event).find(([key]) => key.endsWith('Attributes')) ?? [];
    const { failure } = (details ?? {}) as { failure?: { message?: string } };
    return `${name.replace('EventAttributes', '')}${failure ? ` (${failure.message})` : ''}`;
  });
  const workerIs = worker.exitCode ?? worker.signalCode ?? 'alive';
  return `worker ${workerIs}; ${told.join(', ')}; pending ${JSON.stringify([raw.pendingWorkflowTask, raw.pendingActivities])}`;
}

const tooLong = (): Promise<string> =>
  new Promise((resolve) => setTimeout(() => resolve('did not end in time'), PATIENCE_MS).unref());

const resultOf = (handle: WorkflowHandle): Promise<string> =>
  persist(() =>
    handle.result().then(String, (error: Error & { code?: number }) => {
      if (error.name === 'WorkflowFailedError') return (error.cause as Error).message;
      throw error;
    }),
  );

type Event = { eventTime?: { seconds?: unknown; nanos?: number | null } | null };
const timeMs = ({ eventTime }: Event): number => Number(eventTime?.seconds) * 1000 + (eventTime?.nanos ?? 0) / 1e6;

/** What must hold of every history, however it came about. */
async function checkHistory(handle: WorkflowHandle): Promise<void> {
  const events = (await handle.fetchHistory()).events ?? [];
  expect(events.map((event) => Number(event.eventId))).toEqual(events.map((_, index) => index + 1));
  const fired = new Set<string>();
  for (const event of events) {
    const { timerId, startedEventId } = event.timerFiredEventAttributes ?? {};
    if (!timerId) continue;
    expect(fired.has(timerId)).toBe(false);
    fired.add(timerId);
    const started = events[Number(startedEventId) - 1];
    if (!started) throw new Error(`timer ${timerId} fired without having been started`);
    const delayMs = timeMs({ eventTime: started.timerStartedEventAttributes?.startToFireTimeout ?? null });
    expect(Math.round(timeMs(event) - timeMs(started) - delayMs)).toBeGreaterThanOrEqual(0);
  }
}

/** Kills and restarts by the seed until told to stop. */
async function disturb(random: Random, isOver: () => boolean): Promise<{ nodes: number; workers: number }> {
  const killed = { nodes: 0, workers: 0 };
  while (!isOver()) {
    await pause(500 + random() * 1500);
    const downMs = random() * 400;
    if (random() < 0.6) {
      const { port } = node.ready;
      await end(node.child);
      await pause(downMs);
      node = await startNodeProcess(folder.path, port);
      killed.nodes++;
    } else {
      await end(worker);
      await pause(downMs);
      worker = await startWorkerProcess(node.ready.address, taskQueue, bundle);
      killed.workers++;
    }
  }
  return killed;
}

test(
  `every run ends as its model says (seed ${seed}, ${minutes} minutes)`,
  async () => {
    const plans = randomOf(seed);
    const kills = randomOf(seed + 1);
    const endMs = Date.now() + minutes * 60_000;
    for (let round = 0; Date.now() < endMs; round++) {
      const roundEndMs = Math.min(endMs, Date.now() + ROUND_MS);
      const disturbing = disturb(kills, () => Date.now() > roundEndMs);
      const wanted = Array.from({ length: RUNS_PER_ROUND }, (_, n) => makePlan(plans, `soak-${seed}-${round}-${n}`));
      const handles = await Promise.all(wanted.map(live));
      const killed = await disturbing;
      expect(killed.nodes + killed.workers).toBeGreaterThan(0);
      const outcomes = await Promise.all(handles.map((handle, n) => outcome(wanted[n] as Plan, handle)));
      for (const [index, plan] of wanted.entries()) {
        const modelled = modelOf(plan);
        expect({ plan, ...outcomes[index] }).toEqual({ plan, ...modelled });
      }
      await Promise.all(handles.map((handle) => persist(() => checkHistory(handle))));
    }
  },
  minutes * 60_000 + 120_000,
);
