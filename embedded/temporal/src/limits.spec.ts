import { useRawNodes } from '../../../test/kit/temporal/raw-node.js';
import { completeWorkflow, scheduleActivity } from '../../../test/kit/temporal/raw-worker.js';

const run = useRawNodes();

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
});
