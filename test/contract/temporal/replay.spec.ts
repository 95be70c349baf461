import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { RawWorker } from '../../kit/temporal/raw-worker.js';
import {
  newId,
  newQueue,
  openTarget,
  targets,
  quiet,
  startWorker,
  workflowBundle,
  type RunningWorker,
  type Target,
} from '../../kit/temporal/target.js';

describe.each(targets)('%s', (server) => {
  let target: Target;
  let worker: RunningWorker;

  beforeAll(async () => {
    quiet();
    target = await openTarget(server);
    worker = await startWorker(target);
  }, 60_000);
  afterAll(async () => {
    await worker.stop();
    await target.close();
  });

  async function record(type: string, ...args: unknown[]) {
    const handle = await target.client.workflow.start(type, {
      taskQueue: worker.taskQueue,
      workflowId: newId('replay'),
      args,
    });
    if (type === 'timerAndSignal') await handle.signal('go', 'word');
    await handle.result();
    return { id: handle.workflowId, history: await handle.fetchHistory() };
  }

  describe('recorded histories', () => {
    test.each([
      ['hello', 'Aoi'],
      ['steps', 20],
      ['timerAndSignal'],
      ['markers'],
      ['flaky', 2],
      ['countdown', 2],
      ['timerRaces', 5],
    ])('of %s replay against the same code', async (type, ...args) => {
      const { id, history } = await record(type, ...args);
      await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history, id);
    });

    test('of a workflow that looks at the time replay when its first task had failed', async () => {
      const raw = new RawWorker(target.connection, newQueue());
      const input = { payloads: [{ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"Aoi"') }] };
      const id = await raw.start({ workflowType: { name: 'punctual' }, input });
      await raw.fail(await raw.poll());
      const second = await startWorker(target, { taskQueue: raw.queue });
      const handle = target.client.workflow.getHandle(id);
      await handle.result();
      await second.stop();
      const history = await handle.fetchHistory();
      const started = history.events?.[5]?.workflowTaskStartedEventAttributes;
      expect(Number(started?.scheduledEventId)).toBe(5);
      await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history, id);
    });

    test('fail the replay when an activity was renamed', async () => {
      const { id, history } = await record('hello', 'Aoi');
      const bundle = await workflowBundle();
      const renamed = { code: bundle.code.replaceAll('quick.greet(name)', 'quick.welcome(name)') };
      expect(renamed.code).not.toBe(bundle.code);
      const replay = Worker.runReplayHistory({ workflowBundle: renamed }, history, id);
      await expect(replay).rejects.toThrow(DeterminismViolationError);
    });
  });
});
