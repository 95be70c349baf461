import type { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { temporal } from '@temporalio/proto';

type Task = temporal.api.workflowservice.v1.IPollWorkflowTaskQueueResponse;
type Command = temporal.api.command.v1.ICommand;
export type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

export const { EventType, CommandType } = proto.temporal.api.enums.v1;

const namespace = 'default';
const identity = 'raw';
const LONGEST_POLL_MS = 60_000;
let ids = 0;
export const rawId = (): string => `raw-${process.pid}-${++ids}`;

/** Speaks the worker's half of the protocol call by call, so that a test decides what happens in between. */
export class RawWorker {
  readonly connection: Connection;
  readonly queue: string;

  constructor(connection: Connection, queue = rawId()) {
    this.connection = connection;
    this.queue = queue;
  }

  get #service() {
    return this.connection.workflowService;
  }

  async start(more: temporal.api.workflowservice.v1.IStartWorkflowExecutionRequest = {}): Promise<string> {
    const workflowId = rawId();
    await this.#service.startWorkflowExecution({
      namespace,
      workflowId,
      workflowType: { name: 'raw' },
      taskQueue: { name: this.queue },
      requestId: rawId(),
      ...more,
    });
    return more.workflowId ?? workflowId;
  }

  signal(workflowId: string, signalName = 'go', requestId = rawId(), bytes = 0): Promise<unknown> {
    const workflowExecution = { workflowId };
    const input = bytes ? { payloads: [{ data: new Uint8Array(bytes) }] } : null;
    return this.#service.signalWorkflowExecution({ namespace, workflowExecution, signalName, requestId, input });
  }

  poll(): Promise<Task> {
    const request = { namespace, identity, taskQueue: { name: this.queue } };
    return this.#patiently(() => this.#service.pollWorkflowTaskQueue(request));
  }

  pollActivity(): Promise<temporal.api.workflowservice.v1.IPollActivityTaskQueueResponse> {
    const request = { namespace, identity, taskQueue: { name: this.queue } };
    return this.#patiently(() => this.#service.pollActivityTaskQueue(request));
  }

  /** A real server takes no poll that does not say how long it waits. */
  #patiently<T>(poll: () => Promise<T>): Promise<T> {
    return this.connection.withDeadline(Date.now() + LONGEST_POLL_MS, poll);
  }

  heartbeat(task: { taskToken?: Uint8Array | null }, bytes: number): Promise<unknown> {
    const taskToken = task.taskToken ?? new Uint8Array();
    const details = { payloads: [{ data: new Uint8Array(bytes).fill(1) }] };
    return this.#service.recordActivityTaskHeartbeat({ namespace, identity, taskToken, details });
  }

  complete(task: Task, commands: Command[] = []): Promise<unknown> {
    const taskToken = task.taskToken ?? new Uint8Array();
    return this.#service.respondWorkflowTaskCompleted({ namespace, identity, taskToken, commands });
  }

  fail(task: Task): Promise<unknown> {
    const taskToken = task.taskToken ?? new Uint8Array();
    return this.#service.respondWorkflowTaskFailed({ namespace, identity, taskToken, failure: { message: 'no' } });
  }

  async history(workflowId: string): Promise<HistoryEvent[]> {
    const execution = { workflowId };
    const { history } = await this.#service.getWorkflowExecutionHistory({ namespace, execution });
    return history?.events ?? [];
  }

  /** The history as short names, e.g. `TIMER_STARTED`. */
  async kinds(workflowId: string): Promise<string[]> {
    return (await this.history(workflowId)).map(({ eventType }) =>
      String(EventType[eventType ?? 0]).replace('EVENT_TYPE_', ''),
    );
  }

  describe(workflowId: string): Promise<temporal.api.workflowservice.v1.IDescribeWorkflowExecutionResponse> {
    return this.#service.describeWorkflowExecution({ namespace, execution: { workflowId } });
  }
}

export const startTimer = (timerId: string, ms: number): Command => ({
  commandType: CommandType.COMMAND_TYPE_START_TIMER,
  startTimerCommandAttributes: {
    timerId,
    startToFireTimeout: { seconds: Math.floor(ms / 1000) as never, nanos: (ms % 1000) * 1e6 },
  },
});

export const cancelTimer = (timerId: string): Command => ({
  commandType: CommandType.COMMAND_TYPE_CANCEL_TIMER,
  cancelTimerCommandAttributes: { timerId },
});

export const scheduleActivity = (activityId: string, queue: string): Command => ({
  commandType: CommandType.COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK,
  scheduleActivityTaskCommandAttributes: {
    activityId,
    activityType: { name: 'raw' },
    taskQueue: { name: queue },
    startToCloseTimeout: { seconds: 60 as never },
  },
});

export const completeWorkflow: Command = {
  commandType: CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION,
  completeWorkflowExecutionCommandAttributes: {},
};

export const startChild: Command = {
  commandType: CommandType.COMMAND_TYPE_START_CHILD_WORKFLOW_EXECUTION,
  startChildWorkflowExecutionCommandAttributes: { workflowId: 'child', workflowType: { name: 'child' } },
};
