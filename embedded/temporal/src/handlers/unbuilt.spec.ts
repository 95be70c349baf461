import { useRawNodes } from '../../../../test/kit/temporal/raw-node.js';
import { completeWorkflow, scheduleActivity } from '../../../../test/kit/temporal/raw-worker.js';

const run = useRawNodes();

const payloads = { payloads: [{ data: new Uint8Array(1) }] };
const callback = { nexus: { url: 'http://localhost:1' } };

test.each([
  ['CronSchedule', { cronSchedule: '* * * * *' }],
  ['VersioningOverride', { versioningOverride: { autoUpgrade: true } }],
  ['CompletionCallbacks', { completionCallbacks: [callback] }],
  ['Links', { links: [{ workflowEvent: { workflowId: 'other' } }] }],
  ['OnConflictOptions', { onConflictOptions: { attachRequestId: true } }],
  ['ContinuedFailure', { continuedFailure: { message: 'no' } }],
  ['LastCompletionResult', { lastCompletionResult: payloads }],
  ['Priority', { priority: { priorityKey: 1 } }],
  ['Priority', { priority: { fairnessKey: 'someone' } }],
])('a start with %s is refused by name', async (name, wish) => {
  const { worker } = await run();
  const refused = { code: 12, details: expect.stringContaining(name) as string };
  await expect(worker.start(wish)).rejects.toMatchObject(refused);
});

test('a start that wants nothing in particular is not', async () => {
  const { worker } = await run();
  await worker.start({ priority: {}, completionCallbacks: [], links: [] });
  await worker.complete(await worker.poll(), [completeWorkflow]);
});

test('an activity with a priority fails its workflow task', async () => {
  const { worker } = await run();
  await worker.start();
  const command = scheduleActivity('1', worker.queue);
  Object.assign(command.scheduleActivityTaskCommandAttributes ?? {}, { priority: { priorityKey: 1 } });
  const refused = { code: 3, details: expect.stringContaining('Priority') as string };
  await expect(worker.complete(await worker.poll(), [command])).rejects.toMatchObject(refused);
});
