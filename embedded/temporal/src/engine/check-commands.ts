import type { Limits } from '../limits.js';
import { RpcError, invalidArgument, unimplemented } from '../protocol/errors.js';
import {
  CommandType,
  TaskFailedCause,
  api,
  encodedBytes,
  enums,
  fromInt64,
  type Command,
  type Payloads,
  type temporal,
} from '../protocol/messages.js';
import { durationMs } from '../protocol/time.js';
import type { Engine } from './engine.js';
import { checkRetryPolicy } from './retry-policy.js';
import type { Run } from './run.js';

/** Why a batch of commands is refused as a whole: the task fails with this cause and nothing of it is applied. */
export interface BadCommand {
  readonly cause: TaskFailedCause;
  readonly error: RpcError;
}

/** What the run would hold if the commands so far had been applied. */
interface Foreseen {
  readonly engine: Engine;
  readonly run: Run;
  readonly activityIds: Set<string>;
  readonly timerIds: Set<string>;
  nextEventId: number;
}

type Check = (command: Command, foreseen: Foreseen) => void;

const C = CommandType;
const F = TaskFailedCause;

export const TERMINAL_COMMANDS: ReadonlySet<unknown> = new Set([
  C.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION,
  C.COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION,
  C.COMMAND_TYPE_CANCEL_WORKFLOW_EXECUTION,
  C.COMMAND_TYPE_CONTINUE_AS_NEW_WORKFLOW_EXECUTION,
]);

class Refusal extends Error {
  readonly failedCause: TaskFailedCause;
  constructor(cause: TaskFailedCause, message: string) {
    super(message);
    this.failedCause = cause;
  }
}

const demand = (holds: boolean, cause: TaskFailedCause, message: string): void => {
  if (!holds) throw new Refusal(cause, message);
};

const payloads = api.common.v1.Payloads;

const fits = (engine: Engine, value: Payloads | null | undefined, cause: TaskFailedCause, what: string): void =>
  demand(encodedBytes(payloads, value) <= engine.limits.blobBytes, cause, `${what} exceeds size limit.`);

export const isUserMetadataTooLarge = (
  limits: Limits,
  metadata: temporal.api.sdk.v1.IUserMetadata | null | undefined,
): boolean =>
  encodedBytes(api.common.v1.Payload, metadata?.summary) > limits.summaryBytes ||
  encodedBytes(api.common.v1.Payload, metadata?.details) > limits.detailsBytes;

/** Zero and empty are what a caller sends who wants nothing in particular. */
export const isPrioritySet = (priority: temporal.api.common.v1.IPriority | null | undefined): boolean =>
  !!priority && !!(priority.priorityKey || priority.fairnessKey || priority.fairnessWeight);

const { Header, RetryPolicy } = api.common.v1;
const { Failure } = api.failure.v1;

const checkId = (engine: Engine, id: string | null | undefined, cause: TaskFailedCause, what: string): void => {
  demand(!!id, cause, `${what} is not set on command.`);
  demand((id ?? '').length <= engine.limits.idChars, cause, `${what} exceeds length limit.`);
};

const checks: ReadonlyMap<unknown, readonly [TaskFailedCause, Check]> = new Map<
  unknown,
  readonly [TaskFailedCause, Check]
>([
  [
    C.COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK,
    [F.WORKFLOW_TASK_FAILED_CAUSE_BAD_SCHEDULE_ACTIVITY_ATTRIBUTES, scheduleActivity],
  ],
  [
    C.COMMAND_TYPE_REQUEST_CANCEL_ACTIVITY_TASK,
    [F.WORKFLOW_TASK_FAILED_CAUSE_BAD_REQUEST_CANCEL_ACTIVITY_ATTRIBUTES, cancelActivity],
  ],
  [C.COMMAND_TYPE_START_TIMER, [F.WORKFLOW_TASK_FAILED_CAUSE_BAD_START_TIMER_ATTRIBUTES, startTimer]],
  [C.COMMAND_TYPE_CANCEL_TIMER, [F.WORKFLOW_TASK_FAILED_CAUSE_BAD_CANCEL_TIMER_ATTRIBUTES, cancelTimer]],
  [C.COMMAND_TYPE_RECORD_MARKER, [F.WORKFLOW_TASK_FAILED_CAUSE_BAD_RECORD_MARKER_ATTRIBUTES, recordMarker]],
  [
    C.COMMAND_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
    [F.WORKFLOW_TASK_FAILED_CAUSE_BAD_SEARCH_ATTRIBUTES, upsertSearchAttributes],
  ],
  [
    C.COMMAND_TYPE_MODIFY_WORKFLOW_PROPERTIES,
    [F.WORKFLOW_TASK_FAILED_CAUSE_BAD_MODIFY_WORKFLOW_PROPERTIES_ATTRIBUTES, modifyProperties],
  ],
  [
    C.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION,
    [F.WORKFLOW_TASK_FAILED_CAUSE_BAD_COMPLETE_WORKFLOW_EXECUTION_ATTRIBUTES, complete],
  ],
  [C.COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION, [F.WORKFLOW_TASK_FAILED_CAUSE_BAD_FAIL_WORKFLOW_EXECUTION_ATTRIBUTES, fail]],
  [
    C.COMMAND_TYPE_CANCEL_WORKFLOW_EXECUTION,
    [F.WORKFLOW_TASK_FAILED_CAUSE_BAD_CANCEL_WORKFLOW_EXECUTION_ATTRIBUTES, cancel],
  ],
  [
    C.COMMAND_TYPE_CONTINUE_AS_NEW_WORKFLOW_EXECUTION,
    [F.WORKFLOW_TASK_FAILED_CAUSE_BAD_CONTINUE_AS_NEW_ATTRIBUTES, continueAsNew],
  ],
]);

function scheduleActivity(command: Command, { engine, run, activityIds }: Foreseen): void {
  const cause = F.WORKFLOW_TASK_FAILED_CAUSE_BAD_SCHEDULE_ACTIVITY_ATTRIBUTES;
  const attributes = command.scheduleActivityTaskCommandAttributes ?? {};
  checkId(engine, attributes.activityId, cause, 'ActivityId');
  checkId(engine, attributes.activityType?.name, cause, 'ActivityType');
  demand((attributes.taskQueue?.name ?? '').length <= engine.limits.idChars, cause, 'TaskQueue exceeds length limit.');
  demand(encodedBytes(Header, attributes.header) <= engine.limits.blobBytes, cause, 'Header exceeds size limit.');
  const policyBytes = encodedBytes(RetryPolicy, attributes.retryPolicy);
  demand(policyBytes <= engine.limits.smallPrintBytes, cause, 'RetryPolicy exceeds size limit.');
  checkRetryPolicy(attributes.retryPolicy);
  demand(!isPrioritySet(attributes.priority), cause, 'Priority is not implemented by the embedded node.');
  const timeouts = [
    attributes.scheduleToCloseTimeout,
    attributes.scheduleToStartTimeout,
    attributes.startToCloseTimeout,
    attributes.heartbeatTimeout,
  ].map(durationMs);
  demand(
    timeouts.every((ms) => ms >= 0),
    cause,
    'A valid timeout may not be negative.',
  );
  const isBounded = durationMs(attributes.scheduleToCloseTimeout) > 0 || durationMs(attributes.startToCloseTimeout) > 0;
  demand(isBounded, cause, 'A valid StartToClose or ScheduleToCloseTimeout is not set on command.');
  fits(engine, attributes.input, cause, 'ScheduleActivityTaskCommandAttributes.Input');
  const id = attributes.activityId ?? '';
  demand(!activityIds.has(id), F.WORKFLOW_TASK_FAILED_CAUSE_SCHEDULE_ACTIVITY_DUPLICATE_ID, `duplicate activity ${id}`);
  activityIds.add(id);
  const hasRoom = run.activities.size + 1 <= engine.limits.pendingActivitiesPerRun;
  const most = engine.limits.pendingActivitiesPerRun;
  demand(
    hasRoom && activityIds.size <= most,
    F.WORKFLOW_TASK_FAILED_CAUSE_PENDING_ACTIVITIES_LIMIT_EXCEEDED,
    `the number of pending activities has reached the per-workflow limit of ${most}`,
  );
}

function cancelActivity(command: Command, { nextEventId }: Foreseen): void {
  const scheduledId = fromInt64(command.requestCancelActivityTaskCommandAttributes?.scheduledEventId);
  demand(
    scheduledId > 0 && scheduledId < nextEventId,
    F.WORKFLOW_TASK_FAILED_CAUSE_BAD_REQUEST_CANCEL_ACTIVITY_ATTRIBUTES,
    `ScheduledEventId ${scheduledId} does not name an event of this workflow.`,
  );
}

function startTimer(command: Command, { engine, timerIds }: Foreseen): void {
  const cause = F.WORKFLOW_TASK_FAILED_CAUSE_BAD_START_TIMER_ATTRIBUTES;
  const attributes = command.startTimerCommandAttributes ?? {};
  const id = attributes.timerId ?? '';
  checkId(engine, id, cause, 'TimerId');
  demand(durationMs(attributes.startToFireTimeout) >= 0, cause, 'A valid StartToFireTimeout is not set on command.');
  demand(!timerIds.has(id), F.WORKFLOW_TASK_FAILED_CAUSE_START_TIMER_DUPLICATE_ID, `duplicate timer ${id}`);
  timerIds.add(id);
  demand(timerIds.size <= engine.limits.pendingTimersPerRun, cause, 'too many pending timers');
}

function cancelTimer(command: Command, { timerIds }: Foreseen): void {
  const cause = F.WORKFLOW_TASK_FAILED_CAUSE_BAD_CANCEL_TIMER_ATTRIBUTES;
  const id = command.cancelTimerCommandAttributes?.timerId ?? '';
  demand(timerIds.delete(id), cause, `TimerId ${id} is not running.`);
}

function recordMarker(command: Command, { engine }: Foreseen): void {
  const cause = F.WORKFLOW_TASK_FAILED_CAUSE_BAD_RECORD_MARKER_ATTRIBUTES;
  const attributes = command.recordMarkerCommandAttributes ?? {};
  checkId(engine, attributes.markerName, cause, 'MarkerName');
  const details = Object.values(attributes.details ?? {}).reduce((sum, one) => sum + encodedBytes(payloads, one), 0);
  demand(details <= engine.limits.blobBytes, cause, 'RecordMarkerCommandAttributes.Details exceeds size limit.');
  const rest = encodedBytes(Header, attributes.header) + encodedBytes(Failure, attributes.failure);
  demand(rest <= engine.limits.blobBytes, cause, 'RecordMarkerCommandAttributes exceeds size limit.');
}

function upsertSearchAttributes(command: Command, { engine }: Foreseen): void {
  const { searchAttributes } = command.upsertWorkflowSearchAttributesCommandAttributes ?? {};
  engine.searchAttributeTypes.typed(searchAttributes?.indexedFields, engine.limits.searchAttributesBytes);
}

function modifyProperties(command: Command, { engine, run }: Foreseen): void {
  const upserted = command.modifyWorkflowPropertiesCommandAttributes?.upsertedMemo;
  const fields = { ...run.memo, ...upserted?.fields };
  const bytes = encodedBytes(api.common.v1.Memo, { fields });
  const cause = F.WORKFLOW_TASK_FAILED_CAUSE_BAD_MODIFY_WORKFLOW_PROPERTIES_ATTRIBUTES;
  demand(bytes <= engine.limits.memoBytes, cause, 'Memo exceeds size limit.');
}

function complete(command: Command, { engine }: Foreseen): void {
  const cause = F.WORKFLOW_TASK_FAILED_CAUSE_BAD_COMPLETE_WORKFLOW_EXECUTION_ATTRIBUTES;
  fits(engine, command.completeWorkflowExecutionCommandAttributes?.result, cause, 'Result');
}

function fail(command: Command, { engine }: Foreseen): void {
  const cause = F.WORKFLOW_TASK_FAILED_CAUSE_BAD_FAIL_WORKFLOW_EXECUTION_ATTRIBUTES;
  const failure = command.failWorkflowExecutionCommandAttributes?.failure;
  demand(!!failure, cause, 'Failure is not set on command.');
  const bytes = encodedBytes(api.failure.v1.Failure, failure);
  demand(bytes <= engine.limits.blobBytes, cause, 'Failure exceeds size limit.');
}

function cancel(command: Command, { engine }: Foreseen): void {
  const cause = F.WORKFLOW_TASK_FAILED_CAUSE_BAD_CANCEL_WORKFLOW_EXECUTION_ATTRIBUTES;
  fits(engine, command.cancelWorkflowExecutionCommandAttributes?.details, cause, 'Details');
}

function continueAsNew(command: Command, { engine }: Foreseen): void {
  const cause = F.WORKFLOW_TASK_FAILED_CAUSE_BAD_CONTINUE_AS_NEW_ATTRIBUTES;
  const attributes = command.continueAsNewWorkflowExecutionCommandAttributes ?? {};
  fits(engine, attributes.input, cause, 'Input');
  fits(engine, attributes.lastCompletionResult, cause, 'LastCompletionResult');
  const rest = encodedBytes(Header, attributes.header) + encodedBytes(Failure, attributes.failure);
  demand(rest <= engine.limits.blobBytes, cause, 'Header or Failure exceeds size limit.');
  const policyBytes = encodedBytes(RetryPolicy, attributes.retryPolicy);
  demand(policyBytes <= engine.limits.smallPrintBytes, cause, 'RetryPolicy exceeds size limit.');
  demand((attributes.workflowType?.name ?? '').length <= engine.limits.idChars, cause, 'WorkflowType is too long.');
  checkRetryPolicy(attributes.retryPolicy);
  demand(!attributes.cronSchedule, cause, 'CronSchedule is not implemented by the embedded node.');
  demand((attributes.taskQueue?.name ?? '').length <= engine.limits.idChars, cause, 'TaskQueue exceeds length limit.');
  const memoBytes = encodedBytes(api.common.v1.Memo, attributes.memo);
  demand(memoBytes <= engine.limits.memoBytes, cause, 'Memo exceeds size limit.');
  const { searchAttributes } = attributes;
  engine.searchAttributeTypes.typed(searchAttributes?.indexedFields, engine.limits.searchAttributesBytes);
}

/** Checks the whole batch against the run as it would become, without touching it. */
export function findBadCommand(engine: Engine, run: Run, commands: readonly Command[]): BadCommand | undefined {
  const firedTimers = [...run.timers.keys()];
  const foreseen: Foreseen = {
    engine,
    run,
    activityIds: new Set(run.activityIds.keys()),
    timerIds: new Set(firedTimers),
    nextEventId: run.nextEventId,
  };
  const unspecified = F.WORKFLOW_TASK_FAILED_CAUSE_UNSPECIFIED;
  if (commands.length > engine.limits.commandsPerTask) {
    return { cause: unspecified, error: invalidArgument('too many commands in one workflow task') };
  }
  for (const [index, command] of commands.entries()) {
    const check = checks.get(command.commandType);
    if (!check) return { cause: unspecified, error: unimplemented(nameOf(command)) };
    if (TERMINAL_COMMANDS.has(command.commandType) && index < commands.length - 1) {
      return { cause: check[0], error: invalidArgument(`${nameOf(command)} must be the last command`) };
    }
    if (isUserMetadataTooLarge(engine.limits, command.userMetadata)) {
      return { cause: check[0], error: invalidArgument(`UserMetadata of ${nameOf(command)} exceeds size limit.`) };
    }
    const refusal = refusalOf(check, command, foreseen);
    if (refusal) return refusal;
  }
  return undefined;
}

const nameOf = (command: Command): string =>
  enums.CommandType[command.commandType ?? 0] ?? `command ${command.commandType}`;

function refusalOf([cause, check]: readonly [TaskFailedCause, Check], command: Command, foreseen: Foreseen) {
  try {
    check(command, foreseen);
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return { cause: error.failedCause, error: invalidArgument(error.message) };
    if (error instanceof RpcError) return { cause, error };
    throw error;
  }
}
