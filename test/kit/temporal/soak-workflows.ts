import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  TimeoutFailure,
  condition,
  defineQuery,
  defineSignal,
  isCancellation,
  makeContinueAsNewFunc,
  patched,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type * as activities from './activities.js';
import { WITH_START, markOf, retriesOf, wordOf, type ActivityTimeout, type Plan, type Step } from './soak-plan.js';

type Activities = typeof activities;

// Short bounds: a killed worker's activity must come back soon.
const retry = { initialInterval: 50, maximumInterval: 500 };
const { failTimes, greet } = proxyActivities<Activities>({ startToCloseTimeout: '2s', retry });
const beating = proxyActivities<Activities>({ startToCloseTimeout: '1 minute', heartbeatTimeout: '2s', retry });
const { fallSilent } = proxyActivities<Activities>({ startToCloseTimeout: '1 minute', heartbeatTimeout: '1s', retry });
const local = proxyLocalActivities<Activities>({ startToCloseTimeout: '5s', retry });

/** The number of the step that is meant. */
export const reach = defineSignal<[number]>('reach');

export interface Progress {
  readonly words: readonly string[];
}
export const progress = defineQuery<Progress>('progress');

type Reached = Map<number, number>;

/** Does its plan from step `from` on. Signals may arrive before their step, and before a continuation. */
export async function soak(
  plan: Plan,
  from = 0,
  words: string[] = [],
  reached: [number, number][] = [],
): Promise<string> {
  const counts: Reached = new Map(reached);
  setHandler(reach, (step) => void counts.set(step, (counts.get(step) ?? 0) + 1));
  setHandler(progress, () => ({ words }));
  try {
    return await follow(plan, from, words, counts);
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => greet('cleaned up'));
    throw error;
  }
}

async function follow(plan: Plan, from: number, words: string[], counts: Reached): Promise<string> {
  if (from === 0 && workflowInfo().attempt <= retriesOf(plan)) throw ApplicationFailure.retryable('once more');
  if (from === 0 && plan.start === 'signal with start') await condition(() => counts.has(WITH_START));
  for (const [index, step] of plan.steps.entries()) {
    if (index < from) continue;
    if (step.kind === 'continue') {
      // Left alone, the worker hands on the memo that the run started with, without what was upserted since.
      const goOn = makeContinueAsNewFunc<typeof soak>({ memo: workflowInfo().memo ?? {} });
      await goOn(plan, index + 1, [...words, wordOf(step, index)], [...counts]);
    }
    await doStep(plan, step, index, counts);
    words.push(wordOf(step, index));
  }
  if (plan.ending === 'complete') return words.join(' ');
  if (plan.ending === 'fail') throw ApplicationFailure.nonRetryable(words.join(' '), 'Planned');
  await condition(() => false);
  return 'never';
}

const demand = (holds: boolean, what: string): void => {
  if (!holds) throw ApplicationFailure.nonRetryable(what, 'Unplanned');
};

async function doStep(plan: Plan, step: Step, index: number, counts: Reached): Promise<void> {
  switch (step.kind) {
    case 'sleep':
      return sleep(step.ms);
    case 'activity':
      return demand((await failTimes(step.failures)) > step.failures, 'an attempt was skipped');
    case 'heartbeat':
      return demand((await beating.countByHeartbeat(step.beats)) === step.beats, 'a heartbeat was lost');
    case 'silence':
      return demand((await fallSilent()) === 'second attempt', 'silence was not noticed');
    case 'activity-timeout':
      return activityTimesOut(step.timeout);
    case 'async-activity':
      return demand((await completedElsewhere(index)) === 'done elsewhere', 'the result is another one');
    case 'cancel-activity':
      return cancelActivity();
    case 'parallel':
      return void (await Promise.all(Array.from({ length: step.count }, () => greet('soak'))));
    case 'local':
      return demand((await local.failTimes(step.failures)) === step.failures + 1, 'a local attempt was skipped');
    case 'long-local':
      return demand((await local.sleepMs(step.ms)) === `slept ${step.ms}`, 'the local result is another one');
    case 'signal':
      return condition(() => counts.has(index));
    case 'signal-once':
      await condition(() => counts.has(index));
      await sleep(300);
      return demand(counts.get(index) === 1, 'a repeated request counted again');
    case 'race':
      return raceTimers();
    case 'patched':
      return demand(patched('soak'), 'a new run has every patch');
    case 'upsert':
      return upsert(plan, index);
    case 'failing-task':
      return failForAWhile(step.ms);
    case 'continue':
      return;
  }
}

async function raceTimers(): Promise<void> {
  await CancellationScope.cancellable(async () => {
    await Promise.race([sleep(5), sleep(6), sleep('1 day')]);
    CancellationScope.current().cancel();
  });
}

async function cancelActivity(): Promise<void> {
  const scope = new CancellationScope();
  // A killed worker cannot confirm: then the activity ends by its heartbeat time-out instead. Caught at once, as the
  // whole workflow may be cancelled during the sleep, and a rejection that nobody awaits fails the workflow task.
  const ended = scope.run(() => beating.beatUntilCancelled()).catch(() => undefined);
  await sleep(150);
  scope.cancel();
  await ended;
}

/** Somebody else ends it, by its id. */
const completedElsewhere = (index: number): Promise<string> =>
  proxyActivities<Activities>({
    startToCloseTimeout: '1 minute',
    activityId: `elsewhere-${index}`,
    retry,
  }).completeElsewhere();

async function activityTimesOut(timeout: ActivityTimeout): Promise<void> {
  const options = {
    startToClose: { startToCloseTimeout: 300, retry: { maximumAttempts: 1 } },
    scheduleToClose: { scheduleToCloseTimeout: 300, startToCloseTimeout: 10_000 },
    scheduleToStart: { scheduleToStartTimeout: 300, startToCloseTimeout: 10_000, taskQueue: 'nobody-polls-this' },
  }[timeout];
  const error = await proxyActivities<Activities>(options)
    .sleepMs(3000)
    .catch((caught: unknown) => caught);
  if (isCancellation(error)) throw error;
  demand(error instanceof ActivityFailure && error.cause instanceof TimeoutFailure, `no time-out but ${String(error)}`);
}

function upsert(plan: Plan, index: number): void {
  upsertMemo({ [`step${index}`]: index });
  upsertSearchAttributes({ CustomKeywordField: [markOf(plan, index)] });
}

/** What was deployed by mistake and is mended soon: workflow tasks fail until real time has passed. */
async function failForAWhile(ms: number): Promise<void> {
  const sinceMs = Date.now();
  await sleep(1);
  if (workflowInfo().unsafe.now() < sinceMs + ms) throw new TypeError('not mended yet');
}
