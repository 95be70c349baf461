import { invalidArgument } from '../protocol/errors.js';
import { RetryState, TimeoutType, type Failure, type temporal } from '../protocol/messages.js';
import { durationMs, toDuration } from '../protocol/time.js';

export interface RetryPolicy {
  readonly initialMs: number;
  readonly coefficient: number;
  readonly maximumMs: number;
  /** Zero: no bound. */
  readonly maximumAttempts: number;
  readonly nonRetryableTypes: readonly string[];
}

type WirePolicy = temporal.api.common.v1.IRetryPolicy;

/** Absent values get the defaults that every Temporal server gives. */
export function readRetryPolicy(policy: WirePolicy): RetryPolicy {
  const initialMs = durationMs(policy.initialInterval) || 1000;
  return {
    initialMs,
    coefficient: policy.backoffCoefficient || 2,
    maximumMs: durationMs(policy.maximumInterval) || initialMs * 100,
    maximumAttempts: policy.maximumAttempts ?? 0,
    nonRetryableTypes: policy.nonRetryableErrorTypes ?? [],
  };
}

export const writeRetryPolicy = (policy: RetryPolicy): WirePolicy => ({
  initialInterval: toDuration(policy.initialMs),
  backoffCoefficient: policy.coefficient,
  maximumInterval: toDuration(policy.maximumMs),
  maximumAttempts: policy.maximumAttempts,
  nonRetryableErrorTypes: [...policy.nonRetryableTypes],
});

export function checkRetryPolicy(policy: WirePolicy | null | undefined): void {
  if (!policy) return;
  const { initialMs, coefficient, maximumMs, maximumAttempts } = readRetryPolicy(policy);
  const wrong = (what: string) => invalidArgument(`${what} on retry policy.`);
  if (durationMs(policy.initialInterval) < 0) throw wrong('InitialInterval cannot be negative');
  if (!(coefficient >= 1) || !Number.isFinite(coefficient)) throw wrong('BackoffCoefficient cannot be less than 1');
  if (durationMs(policy.maximumInterval) < 0) throw wrong('MaximumInterval cannot be negative');
  if (maximumMs < initialMs) throw wrong('MaximumInterval cannot be less than InitialInterval');
  if (maximumAttempts < 0) throw wrong('MaximumAttempts cannot be negative');
}

export type RetryDecision = { readonly retryInMs: number } | { readonly stop: RetryState };

/** How a policy names the time-outs that another attempt may follow. */
const TIMEOUT_TYPES: Readonly<Partial<Record<TimeoutType, string>>> = {
  [TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE]: 'TemporalTimeout:StartToClose',
  [TimeoutType.TIMEOUT_TYPE_HEARTBEAT]: 'TemporalTimeout:Heartbeat',
};

function isFinal(failure: Failure, policy: RetryPolicy): boolean {
  const application = failure.applicationFailureInfo;
  if (application?.nonRetryable || failure.serverFailureInfo?.nonRetryable) return true;
  if (failure.terminatedFailureInfo || failure.canceledFailureInfo) return true;
  const timeout = TIMEOUT_TYPES[failure.timeoutFailureInfo?.timeoutType ?? 0];
  const type = application ? (application.type ?? '') : timeout;
  return type !== undefined && policy.nonRetryableTypes.includes(type);
}

/** `attempt` is the one that just failed; nothing is retried at or past `expiresMs`. */
export function decideRetry(
  policy: RetryPolicy | undefined,
  attempt: number,
  failure: Failure,
  nowMs: number,
  expiresMs = Infinity,
): RetryDecision {
  if (!policy) return { stop: RetryState.RETRY_STATE_RETRY_POLICY_NOT_SET };
  if (isFinal(failure, policy)) return { stop: RetryState.RETRY_STATE_NON_RETRYABLE_FAILURE };
  if (policy.maximumAttempts > 0 && attempt >= policy.maximumAttempts) {
    return { stop: RetryState.RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED };
  }
  const asked = durationMs(failure.applicationFailureInfo?.nextRetryDelay);
  const backoffMs = Math.min(policy.initialMs * policy.coefficient ** (attempt - 1), policy.maximumMs);
  const retryInMs = Math.ceil(asked || backoffMs);
  return nowMs + retryInMs >= expiresMs ? { stop: RetryState.RETRY_STATE_TIMEOUT } : { retryInMs };
}
