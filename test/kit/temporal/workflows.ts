import {
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  isCancellation,
  patched,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
  upsertMemo,
  upsertSearchAttributes,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type * as activities from './activities.js';

const quick = proxyActivities<typeof activities>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '50ms', backoffCoefficient: 2, maximumAttempts: 5 },
});
const beating = proxyActivities<typeof activities>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '1s',
  retry: { initialInterval: '50ms', maximumAttempts: 2 },
});
const local = proxyLocalActivities<typeof activities>({ startToCloseTimeout: '1 minute' });

export const go = defineSignal<[string]>('go');
export const state = defineQuery<{ seen: string[] }>('state');

export async function noop(): Promise<string> {
  return 'ok';
}

export async function hello(name: string): Promise<string> {
  return quick.greet(name);
}

/** What it does depends on the time it was told, to the millisecond. */
export async function punctual(name: string): Promise<string> {
  const { greet } = proxyActivities<typeof activities>({
    startToCloseTimeout: '1 minute',
    activityId: `at-${Date.now()}`,
  });
  return greet(name);
}

/** Waits for the signal, or for the time-out. */
export async function waiter(timeout: number | string = '3 days'): Promise<string> {
  const seen: string[] = [];
  setHandler(go, (word) => void seen.push(word));
  setHandler(state, () => ({ seen }));
  return (await condition(() => seen.length > 0, timeout as '1s')) ? `signal:${seen.join()}` : 'timeout';
}

/** Ends when it has got as many signals as it was told. */
export async function collector(wanted: number): Promise<string[]> {
  const seen: string[] = [];
  setHandler(go, (word) => void seen.push(word));
  setHandler(state, () => ({ seen }));
  await condition(() => seen.length >= wanted);
  return seen;
}

export async function timerAndSignal(): Promise<string> {
  let word = '';
  setHandler(go, (given) => {
    word = given;
  });
  await sleep(1);
  await condition(() => word !== '', '3 days');
  return word;
}

export async function flaky(times: number): Promise<number> {
  return quick.failTimes(times);
}

export async function failing(): Promise<void> {
  await quick.failForGood();
}

export async function exhausted(): Promise<void> {
  await quick.failTimes(100);
}

export async function resumed(): Promise<unknown> {
  return beating.resumeFromHeartbeat();
}

export async function silent(): Promise<string> {
  return beating.fallSilent();
}

export async function timedOutActivity(kind: 'startToClose' | 'scheduleToClose' | 'scheduleToStart'): Promise<void> {
  const options = {
    startToClose: { startToCloseTimeout: 300, retry: { maximumAttempts: 1 } },
    scheduleToClose: { scheduleToCloseTimeout: 300 },
    scheduleToStart: { scheduleToStartTimeout: 300, startToCloseTimeout: 10_000, taskQueue: 'nobody-polls-this' },
  }[kind];
  await proxyActivities<typeof activities>(options).sleepMs(3000);
}

export async function cancellable(): Promise<string> {
  try {
    await sleep('30 days');
    return 'slept';
  } catch (error) {
    if (!isCancellation(error)) throw error;
    return CancellationScope.nonCancellable(async () => `cleaned: ${await quick.greet('up')}`);
  }
}

export async function cancelledForGood(): Promise<void> {
  await sleep('30 days');
}

/** Cancels a running activity on signal and tells how it ended. */
export async function cancelsActivity(): Promise<string> {
  const scope = new CancellationScope();
  const running = scope.run(() => beating.beatUntilCancelled());
  setHandler(go, () => scope.cancel());
  try {
    await running;
    return 'completed';
  } catch (error) {
    return isCancellation(error) ? 'cancelled' : String(error);
  }
}

export async function scopeTimeout(): Promise<string> {
  try {
    await CancellationScope.withTimeout(200, () => sleep('1 day'));
    return 'slept';
  } catch (error) {
    return isCancellation(error) ? 'scope cancelled' : String(error);
  }
}

export async function countdown(left: number, sum = 0): Promise<number> {
  if (left === 0) return sum;
  const { length } = await quick.greet('');
  return continueAsNew<typeof countdown>(left - 1, sum + length);
}

export async function retried(untilAttempt: number): Promise<number> {
  const { attempt } = workflowInfo();
  if (attempt < untilAttempt) throw ApplicationFailure.retryable(`run ${attempt}`);
  return attempt;
}

export async function failsForGood(): Promise<void> {
  throw ApplicationFailure.nonRetryable('boom', 'Boom', { code: 42 });
}

export async function markers(): Promise<string> {
  const greeting = await local.greet('local');
  const branch = patched('a-change') ? 'new' : 'old';
  upsertSearchAttributes({ CustomKeywordField: ['upserted'] });
  upsertMemo({ note: 'kept' });
  const { memo, searchAttributes } = workflowInfo();
  return JSON.stringify([greeting, branch, searchAttributes.CustomKeywordField, memo?.note, uuid4().length]);
}

/** Longer than a workflow task: the worker keeps the task alive by asking for another one. */
export async function longLocal(ms: number): Promise<string> {
  return local.sleepMs(ms);
}

export async function manyActivities(count: number): Promise<number> {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += (await quick.greet('')).length;
  return sum;
}

export async function fanOut(count: number): Promise<number> {
  return (await Promise.all(Array.from({ length: count }, (_, i) => quick.greet(`${i}`)))).length;
}

export async function timerRaces(rounds: number): Promise<number> {
  for (let round = 0; round < rounds; round++) {
    await CancellationScope.cancellable(async () => {
      await Promise.race([sleep(5), sleep(5)]);
      CancellationScope.current().cancel();
    });
  }
  return rounds;
}

export async function threeSleeps(eachMs: number): Promise<number> {
  for (let i = 0; i < 3; i++) {
    await sleep(eachMs);
    await quick.greet('awake');
  }
  return 3;
}

export async function steps(pauseMs: number): Promise<string> {
  const first = await quick.greet('1');
  await sleep(pauseMs);
  return first + (await quick.greet('2'));
}

export async function elsewhere(): Promise<string> {
  return quick.completeElsewhere();
}

export async function slowActivity(ms: number): Promise<string> {
  return quick.sleepMs(ms);
}

export async function clumsy(): Promise<string> {
  return 'managed';
}
