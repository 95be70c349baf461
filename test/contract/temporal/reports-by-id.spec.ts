import { CommandType, EventType, RawWorker, rawId, scheduleActivity } from '../../kit/temporal/raw-worker.js';
import { targets } from '../../kit/temporal/target.js';
import { ServerInUse } from '../../kit/temporal/use-server.js';

const OK = 0;
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;

const reports = {
  completed: 'respondActivityTaskCompletedById',
  failed: 'respondActivityTaskFailedById',
  canceled: 'respondActivityTaskCanceledById',
  heartbeat: 'recordActivityTaskHeartbeatById',
} as const;

/** What somebody who knows only the activity's id may report about it. */
const table = [
  ['completed', 'scheduled', OK],
  ['completed', 'started', OK],
  ['completed', 'cancel requested', OK],
  ['completed', 'backing off', OK],
  ['completed', 'closed', NOT_FOUND],
  ['failed', 'scheduled', NOT_FOUND],
  ['failed', 'started', OK],
  ['failed', 'cancel requested', OK],
  ['failed', 'backing off', NOT_FOUND],
  ['failed', 'closed', NOT_FOUND],
  ['canceled', 'scheduled', NOT_FOUND],
  ['canceled', 'started', INVALID_ARGUMENT],
  ['canceled', 'cancel requested', OK],
  ['canceled', 'backing off', NOT_FOUND],
  ['canceled', 'closed', NOT_FOUND],
  ['heartbeat', 'scheduled', NOT_FOUND],
  ['heartbeat', 'started', OK],
  ['heartbeat', 'cancel requested', OK],
  ['heartbeat', 'backing off', NOT_FOUND],
  ['heartbeat', 'closed', NOT_FOUND],
] as const;
type State = (typeof table)[number][1];

describe.each(targets)('%s', (server) => {
  const suite = new ServerInUse(server);

  const { service } = suite;
  const failure = { message: 'no', applicationFailureInfo: { type: 'No' } };

  async function activityIn(state: State): Promise<{ worker: RawWorker; id: string }> {
    const worker = new RawWorker(suite.target.connection, rawId());
    const id = await worker.start({ workflowId: `${worker.queue}-${Date.now()}` });
    const command = scheduleActivity('one', worker.queue);
    const attributes = command.scheduleActivityTaskCommandAttributes;
    if (attributes) attributes.retryPolicy = { initialInterval: { seconds: 60 as never } };
    await worker.complete(await worker.poll(), [command]);
    if (state === 'scheduled') return { worker, id };
    const { taskToken } = await worker.pollActivity();
    const token = taskToken ?? new Uint8Array();
    if (state === 'backing off')
      await service().respondActivityTaskFailed({ namespace: 'default', taskToken: token, failure });
    if (state === 'closed') await service().respondActivityTaskCompleted({ namespace: 'default', taskToken: token });
    if (state === 'cancel requested') {
      await worker.signal(id);
      const scheduledEventId = (await worker.history(id)).find(
        ({ eventType }) => eventType === EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
      )?.eventId;
      await worker.complete(await worker.poll(), [
        {
          commandType: CommandType.COMMAND_TYPE_REQUEST_CANCEL_ACTIVITY_TASK,
          requestCancelActivityTaskCommandAttributes: { scheduledEventId: scheduledEventId as never },
        },
      ]);
    }
    return { worker, id };
  }

  test.each(table)('%s, by id, of an activity that is %s: code %i', async (report, state, code) => {
    const { worker, id } = await activityIn(state);
    const before = (await worker.describe(id)).pendingActivities;
    // The four requests differ in what they may carry; what is not theirs is left out of the message.
    const calls = service() as unknown as Record<string, (request: object) => Promise<unknown>>;
    const request = { namespace: 'default', workflowId: id, activityId: 'one', identity: 'outside', failure };
    const answer = calls[reports[report]]?.(request);
    if (code === OK) return void (await answer);
    await expect(answer).rejects.toMatchObject({ code });
    expect((await worker.describe(id)).pendingActivities).toEqual(before);
  });
});
