import {
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  defineSignal,
  patched,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import type * as activities from './activities.js';
import { wordOf, type Plan, type Step } from './soak-plan.js';

// Short bounds: a killed worker's activity must come back soon.
const retry = { initialInterval: 50, maximumInterval: 500 };
const { failTimes, greet } = proxyActivities<typeof activities>({ startToCloseTimeout: '2s', retry });
const { beatUntilCancelled } = proxyActivities<typeof activities>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '2s',
  retry,
});
const local = proxyLocalActivities<typeof activities>({ startToCloseTimeout: '5s' });

/** The number of the step that is meant: a signal that is sent twice counts once. */
export const reach = defineSignal<[number]>('reach');

/** Does its plan from step `from` on. Signals may arrive before their step, and before a continuation. */
export async function soak(plan: Plan, from = 0, words: string[] = [], reached: number[] = []): Promise<string> {
  const seen = new Set(reached);
  setHandler(reach, (step) => void seen.add(step));
  for (let index = from; index < plan.steps.length; index++) {
    const step = plan.steps[index];
    if (!step) break;
    const word = wordOf(step, index);
    if (step.kind === 'continue') {
      await continueAsNew<typeof soak>(plan, index + 1, [...words, word], [...seen]);
    }
    await doStep(step, index, seen);
    words.push(word);
  }
  if (plan.ending === 'complete') return words.join(' ');
  if (plan.ending === 'fail') throw ApplicationFailure.nonRetryable(words.join(' '), 'Planned');
  await condition(() => false);
  return 'never';
}

async function doStep(step: Step, index: number, seen: ReadonlySet<number>): Promise<void> {
  switch (step.kind) {
    case 'sleep':
      return sleep(step.ms);
    case 'activity':
      return void (await failTimes(step.failures));
    case 'local':
      return void (await local.greet('soak'));
    case 'signal':
      return condition(() => seen.has(index));
    case 'race':
      return raceTimers();
    case 'cancel-activity':
      return cancelActivity();
    case 'parallel':
      return void (await Promise.all(Array.from({ length: step.count }, () => greet('soak'))));
    case 'patched':
      if (!patched('soak')) throw ApplicationFailure.nonRetryable('a new run has every patch');
      return;
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
  const beating = scope.run(() => beatUntilCancelled());
  await sleep(150);
  scope.cancel();
  // A killed worker cannot confirm: then the activity ends by its heartbeat time-out instead.
  await beating.catch(() => undefined);
}
