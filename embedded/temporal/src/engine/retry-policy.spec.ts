import { RetryState, TimeoutType } from '../protocol/messages.js';
import { checkRetryPolicy, decideRetry, readRetryPolicy, type RetryPolicy } from './retry-policy.js';

const policy: RetryPolicy = {
  initialMs: 1000,
  coefficient: 2,
  maximumMs: 5000,
  maximumAttempts: 5,
  nonRetryableTypes: ['Final'],
};
const broken = { applicationFailureInfo: { type: 'Other' } };

describe('deciding about another attempt', () => {
  test.each([
    [1, 1000],
    [2, 2000],
    [3, 4000],
    [4, 5000],
  ])('after attempt %i it waits %i ms', (attempt, retryInMs) => {
    expect(decideRetry(policy, attempt, broken, 0)).toEqual({ retryInMs });
  });

  test('after the last attempt there is none', () => {
    expect(decideRetry(policy, 5, broken, 0)).toEqual({ stop: RetryState.RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED });
  });

  test('a failure may ask for its own delay', () => {
    const patient = { applicationFailureInfo: { nextRetryDelay: { seconds: 60 as never } } };
    expect(decideRetry(policy, 1, patient, 0)).toEqual({ retryInMs: 60_000 });
  });

  test.each([
    ['marked final', { applicationFailureInfo: { nonRetryable: true } }],
    ['of a type that the policy names', { applicationFailureInfo: { type: 'Final' } }],
    ['a cancellation', { canceledFailureInfo: {} }],
    ['a termination', { terminatedFailureInfo: {} }],
  ])('not after one %s', (_, failure) => {
    expect(decideRetry(policy, 1, failure, 0)).toEqual({ stop: RetryState.RETRY_STATE_NON_RETRYABLE_FAILURE });
  });

  test.each([
    ['TemporalTimeout:StartToClose', TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE],
    ['TemporalTimeout:Heartbeat', TimeoutType.TIMEOUT_TYPE_HEARTBEAT],
  ])('not after a time-out that the policy names %s, but after another one', (name, timeoutType) => {
    const stop = { stop: RetryState.RETRY_STATE_NON_RETRYABLE_FAILURE };
    const failure = { timeoutFailureInfo: { timeoutType } };
    expect(decideRetry({ ...policy, nonRetryableTypes: [name] }, 1, failure, 0)).toEqual(stop);
    expect(decideRetry({ ...policy, nonRetryableTypes: ['TemporalTimeout:Other'] }, 1, failure, 0)).toEqual({
      retryInMs: 1000,
    });
  });

  test('the last millisecond before the end is enough, the end itself is not', () => {
    expect(decideRetry(policy, 1, broken, 0, 1001)).toEqual({ retryInMs: 1000 });
    expect(decideRetry(policy, 1, broken, 0, 1000)).toEqual({ stop: RetryState.RETRY_STATE_TIMEOUT });
  });

  test('without a policy there is none', () => {
    expect(decideRetry(undefined, 1, broken, 0)).toEqual({ stop: RetryState.RETRY_STATE_RETRY_POLICY_NOT_SET });
  });
});

test('what is not set gets the defaults of every server', () => {
  expect(readRetryPolicy({})).toEqual({
    initialMs: 1000,
    coefficient: 2,
    maximumMs: 100_000,
    maximumAttempts: 0,
    nonRetryableTypes: [],
  });
});

test.each([
  [{ backoffCoefficient: 0.99 }],
  [{ maximumAttempts: -1 }],
  [{ initialInterval: { seconds: 2 as never }, maximumInterval: { seconds: 1 as never } }],
])('%j is refused', (wrong) => {
  expect(() => checkRetryPolicy(wrong)).toThrow('on retry policy');
});
