import { ApplicationFailure, CompleteAsyncError, activityInfo, heartbeat, sleep } from '@temporalio/activity';

export async function greet(name: string): Promise<string> {
  return `Hello ${name}`;
}

export async function failTimes(times: number): Promise<number> {
  const { attempt } = activityInfo();
  if (attempt <= times) throw ApplicationFailure.retryable(`attempt ${attempt} fails`);
  return attempt;
}

export async function failForGood(): Promise<void> {
  throw ApplicationFailure.nonRetryable('for good', 'ForGood');
}

/** Runs until it is told to stop; tells how often it beat. */
export async function beatUntilCancelled(): Promise<void> {
  for (let beats = 1; ; beats++) {
    heartbeat(beats);
    await sleep(100);
  }
}

/** The second attempt sees what the first one reported last. */
export async function resumeFromHeartbeat(): Promise<unknown> {
  const { attempt, heartbeatDetails } = activityInfo() as { attempt: number; heartbeatDetails: unknown };
  if (attempt > 1) return heartbeatDetails;
  heartbeat({ done: 7 });
  await sleep(50);
  throw ApplicationFailure.retryable('once more');
}

export async function sleepMs(ms: number): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return `slept ${ms}`;
}

/** Starts beating, then falls silent, as a stuck process does: longer than any outage of the node that has to notice it. */
export async function fallSilent(): Promise<string> {
  if (activityInfo().attempt > 1) return 'second attempt';
  heartbeat('last words');
  await sleep('45s');
  return 'never in time';
}

export async function completeElsewhere(): Promise<never> {
  throw new CompleteAsyncError();
}

/** Each attempt goes on where the last heartbeat stopped; the first one fails half-way. */
export async function countByHeartbeat(to: number): Promise<number> {
  const { attempt, heartbeatDetails } = activityInfo() as { attempt: number; heartbeatDetails?: number };
  for (let count = heartbeatDetails ?? 0; count < to;) {
    heartbeat(++count);
    await sleep(50);
    if (attempt === 1 && count >= to / 2) throw ApplicationFailure.retryable('half-way');
  }
  return to;
}
