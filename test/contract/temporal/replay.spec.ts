import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import {
  newId,
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
