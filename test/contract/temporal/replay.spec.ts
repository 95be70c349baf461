import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { RawWorker } from '../../kit/temporal/raw-worker.js';
import { newId, newQueue, targets, startWorker, workflowBundle } from '../../kit/temporal/target.js';
import { WorkerInUse } from '../../kit/temporal/use-server.js';

describe.each(targets)('%s', (server) => {
  const suite = new WorkerInUse(server, 'replay');
  async function record(type: string, ...args: unknown[]) {
    const handle = await suite.target.client.workflow.start(type, {
      taskQueue: suite.taskQueue,
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
      const raw = new RawWorker(suite.target.connection, newQueue());
      const input = { payloads: [{ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"Aoi"') }] };
      const id = await raw.start({ workflowType: { name: 'punctual' }, input });
      await raw.fail(await raw.poll());
      const second = await startWorker(suite.target, { taskQueue: raw.queue });
      const handle = suite.target.client.workflow.getHandle(id);
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
