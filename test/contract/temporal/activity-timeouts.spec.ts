import { RawWorker, rawId, scheduleActivity } from '../../kit/temporal/raw-worker.js';
import { targets } from '../../kit/temporal/target.js';
import { ServerInUse } from '../../kit/temporal/use-server.js';

const START_TO_CLOSE = 1;
const SCHEDULE_TO_CLOSE = 3;
const HEARTBEAT = 4;
const NON_RETRYABLE_FAILURE = 2;
const TIMEOUT = 3;

const duration = (ms: number) => ({ seconds: Math.floor(ms / 1000) as never, nanos: (ms % 1000) * 1e6 });

describe.each(targets)('%s', (server) => {
  const suite = new ServerInUse(server);

  test.each([
    [
      'no room for another attempt is told as the end of the whole time',
      { startToCloseTimeout: duration(1000), scheduleToCloseTimeout: duration(3000) },
      { initialInterval: duration(60_000) },
      {
        timeoutType: SCHEDULE_TO_CLOSE,
        retryState: TIMEOUT,
        message: 'activity ScheduleToClose timeout',
      },
    ],
    [
      'what failed before is its cause',
      { startToCloseTimeout: duration(1000), scheduleToCloseTimeout: duration(5000) },
      { initialInterval: duration(500), backoffCoefficient: 100 },
      {
        timeoutType: SCHEDULE_TO_CLOSE,
        retryState: TIMEOUT,
        message: 'activity ScheduleToClose timeout',
        cause: 'activity StartToClose timeout',
      },
    ],
    [
      'a time-out may be named as final',
      { startToCloseTimeout: duration(1000) },
      { nonRetryableErrorTypes: ['TemporalTimeout:StartToClose'] },
      {
        timeoutType: START_TO_CLOSE,
        retryState: NON_RETRYABLE_FAILURE,
        message: 'activity StartToClose timeout',
      },
    ],
    [
      'a missed heartbeat may be named as final',
      { startToCloseTimeout: duration(60_000), heartbeatTimeout: duration(1000) },
      { nonRetryableErrorTypes: ['TemporalTimeout:Heartbeat'] },
      { timeoutType: HEARTBEAT, retryState: NON_RETRYABLE_FAILURE, message: 'activity Heartbeat timeout' },
    ],
  ])('%s', async (_, timeouts, retryPolicy, expected) => {
    const worker = new RawWorker(suite.target.connection, rawId());
    const id = await worker.start({ workflowId: `${worker.queue}-${Date.now()}` });
    const command = scheduleActivity('one', worker.queue);
    Object.assign(command.scheduleActivityTaskCommandAttributes ?? {}, timeouts, { retryPolicy });
    await worker.complete(await worker.poll(), [command]);
    await worker.pollActivity();
    if ('cause' in expected) await worker.pollActivity();
    await worker.poll();
    const ends = (await worker.history(id)).map((event) => event.activityTaskTimedOutEventAttributes);
    const end = ends.find(Boolean);
    expect({
      timeoutType: end?.failure?.timeoutFailureInfo?.timeoutType,
      retryState: end?.retryState,
      message: end?.failure?.message,
      ...(end?.failure?.cause ? { cause: end.failure.cause.message } : {}),
    }).toEqual(expected);
  });
});
