import { isUserMetadataTooLarge } from '../engine/check-commands.js';
import type { Engine } from '../engine/engine.js';
import { checkRetryPolicy } from '../engine/retry-policy.js';
import { invalidArgument } from '../protocol/errors.js';
import {
  api,
  encodedBytes,
  enums,
  ownFields,
  type Codec,
  type Fields,
  type Payloads,
  type temporal,
} from '../protocol/messages.js';
import { durationMs } from '../protocol/time.js';
import { refuseUnbuilt } from './unbuilt.js';

const common = api.common.v1;
const sdk = api.sdk.v1;

/** Ten years: any longer is a mistake, and sums of such times stay exact. */
const LONGEST_MS = 10 * 366 * 86_400_000;

export function checkText(engine: Engine, what: string, value: string | null | undefined): string {
  if (!value) throw invalidArgument(`${what} is not set on request.`);
  return checkLength(engine, what, value);
}

export function checkLength(engine: Engine, what: string, value: string | null | undefined): string {
  const { idChars } = engine.limits;
  const text = value ?? '';
  if (text.length > idChars) {
    throw invalidArgument(`${what} exceeds maximum allowed length (${text.length}/${idChars})`);
  }
  return text;
}

export function checkDuration(what: string, duration: Parameters<typeof durationMs>[0]): number {
  const ms = durationMs(duration);
  if (ms < 0 || ms > LONGEST_MS) throw invalidArgument(`An invalid ${what} is set on request.`);
  return ms;
}

export function checkPayloads(engine: Engine, what: string, payloads: Payloads | null | undefined): void {
  const bytes = encodedBytes(api.common.v1.Payloads, payloads);
  if (bytes > engine.limits.blobBytes) {
    throw invalidArgument(`${what} exceeds size limit (${bytes}/${engine.limits.blobBytes} bytes)`);
  }
}

export function checkMemo(engine: Engine, memo: temporal.api.common.v1.IMemo | null | undefined): Fields {
  const bytes = encodedBytes(api.common.v1.Memo, memo);
  if (bytes > engine.limits.memoBytes) throw invalidArgument(`Memo exceeds size limit (${bytes} bytes)`);
  return ownFields(memo?.fields);
}

export function checkHeader(engine: Engine, header: temporal.api.common.v1.IHeader | null | undefined): void {
  const bytes = encodedBytes(api.common.v1.Header, header);
  if (bytes > engine.limits.blobBytes) throw invalidArgument(`Header exceeds size limit (${bytes} bytes)`);
}

export function checkFailure(engine: Engine, failure: temporal.api.failure.v1.IFailure | null | undefined): void {
  const bytes = encodedBytes(api.failure.v1.Failure, failure);
  if (bytes > engine.limits.blobBytes) throw invalidArgument(`Failure exceeds size limit (${bytes} bytes)`);
}

export function checkUserMetadata(
  { limits }: Engine,
  metadata: temporal.api.sdk.v1.IUserMetadata | null | undefined,
): void {
  if (isUserMetadataTooLarge(limits, metadata)) {
    const { summaryBytes, detailsBytes } = limits;
    throw invalidArgument(`UserMetadata exceeds size limit (summary ${summaryBytes}, details ${detailsBytes} bytes)`);
  }
}

function checkSmallPrint<M>(engine: Engine, what: string, codec: Codec<M>, message: M | null | undefined): void {
  const bytes = encodedBytes(codec, message);
  if (bytes > engine.limits.smallPrintBytes) throw invalidArgument(`${what} exceeds size limit (${bytes} bytes)`);
}

/** What a worker says of itself when it completes a workflow task; the commands are checked with their run. */
export function checkCompletion(
  engine: Engine,
  request: temporal.api.workflowservice.v1.RespondWorkflowTaskCompletedRequest,
): void {
  checkLength(engine, 'Identity', request.identity);
  checkLength(engine, 'BinaryChecksum', request.binaryChecksum);
  checkLength(engine, 'StickyTaskQueue', request.stickyAttributes?.workerTaskQueue?.name);
  checkDuration('ScheduleToStartTimeout', request.stickyAttributes?.scheduleToStartTimeout);
  checkSmallPrint(engine, 'SdkMetadata', sdk.WorkflowTaskCompletedMetadata, request.sdkMetadata);
  checkSmallPrint(engine, 'WorkerVersionStamp', common.WorkerVersionStamp, request.workerVersionStamp);
  checkSmallPrint(engine, 'MeteringMetadata', common.MeteringMetadata, request.meteringMetadata);
}

export function checkPolicies(
  reuse: temporal.api.enums.v1.WorkflowIdReusePolicy,
  conflict: temporal.api.enums.v1.WorkflowIdConflictPolicy,
): void {
  if (enums.WorkflowIdReusePolicy[reuse] === undefined) throw invalidArgument('unknown WorkflowIdReusePolicy');
  if (enums.WorkflowIdConflictPolicy[conflict] === undefined) throw invalidArgument('unknown WorkflowIdConflictPolicy');
  if (reuse === enums.WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING && conflict) {
    throw invalidArgument(
      'Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING cannot be used together with a WorkflowIDConflictPolicy.',
    );
  }
}

type Start =
  | temporal.api.workflowservice.v1.StartWorkflowExecutionRequest
  | temporal.api.workflowservice.v1.SignalWithStartWorkflowExecutionRequest;

export function checkStart(engine: Engine, request: Start): void {
  checkText(engine, 'WorkflowId', request.workflowId);
  checkText(engine, 'WorkflowType', request.workflowType?.name);
  checkText(engine, 'TaskQueue', request.taskQueue?.name);
  checkLength(engine, 'RequestId', request.requestId);
  checkPayloads(engine, 'Input', request.input);
  checkHeader(engine, request.header);
  checkUserMetadata(engine, request.userMetadata);
  checkSmallPrint(engine, 'RetryPolicy', common.RetryPolicy, request.retryPolicy);
  checkRetryPolicy(request.retryPolicy);
  checkPolicies(request.workflowIdReusePolicy, request.workflowIdConflictPolicy);
  refuseUnbuilt(request);
}
