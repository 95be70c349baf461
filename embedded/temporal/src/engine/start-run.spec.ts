import { useRawNodes } from '../../../../test/kit/temporal/raw-node.js';
import type { RawWorker } from '../../../../test/kit/temporal/raw-worker.js';

const TERMINATE_EXISTING = 3;
const TERMINATE_IF_RUNNING = 4;
const RUNNING = 1;

const run = useRawNodes();

const statusOf = async (worker: RawWorker, id: string) => (await worker.describe(id)).workflowExecutionInfo?.status;

describe('at the bound of open runs', () => {
  test.each([
    ['by the conflict policy', { workflowIdConflictPolicy: TERMINATE_EXISTING }],
    ['by the older name', { workflowIdReusePolicy: TERMINATE_IF_RUNNING }],
  ])('a run that replaces another one has its room: %s', async (_, policy) => {
    const { worker } = await run({ limits: { openRuns: 2 } });
    await worker.start();
    const workflowId = await worker.start();
    const first = (await worker.describe(workflowId)).workflowExecutionInfo?.execution?.runId;
    await worker.start({ workflowId, ...policy });
    expect((await worker.describe(workflowId)).workflowExecutionInfo?.execution?.runId).not.toBe(first);
    expect(await statusOf(worker, workflowId)).toBe(RUNNING);
    await expect(worker.start()).rejects.toMatchObject({ code: 8 });
  });

  test('a start that is refused leaves the run alone that it would have replaced', async () => {
    const { node, worker } = await run({ limits: { openRuns: 2 } });
    await worker.start();
    const workflowId = await worker.start();
    const { execution } = (await worker.describe(workflowId)).workflowExecutionInfo ?? {};
    // As after a restart with a lower bound: there is no room even without the run to be replaced.
    Object.assign(node.engine.limits, { openRuns: 1 });
    const replacement = worker.start({ workflowId, workflowIdConflictPolicy: TERMINATE_EXISTING });
    await expect(replacement).rejects.toMatchObject({ code: 8 });
    const now = (await worker.describe(workflowId)).workflowExecutionInfo;
    expect(now).toMatchObject({ execution: { runId: execution?.runId }, status: RUNNING });
  });
});
