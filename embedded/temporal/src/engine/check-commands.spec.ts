import { useRawNodes } from '../../../../test/kit/temporal/raw-node.js';
import {
  cancelTimer,
  completeWorkflow,
  scheduleActivity,
  startChild,
  startTimer,
} from '../../../../test/kit/temporal/raw-worker.js';

const run = useRawNodes();

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
