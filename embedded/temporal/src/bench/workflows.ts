import { condition, defineSignal, proxyActivities, setHandler, sleep } from '@temporalio/workflow';
import type * as activities from './activities.js';

const { greet } = proxyActivities<typeof activities>({ startToCloseTimeout: '1 minute' });
export const go = defineSignal<[string]>('go');

export async function noop(): Promise<string> {
  return 'ok';
}

export async function oneActivity(): Promise<string> {
  return greet('Aoi');
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

/** Holds many timers, none of which fires during the measurement. */
export async function manyTimers(count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, index) => sleep(86_400_000 + index)));
}

/** A few timers one after the other; how late each fired stands in the history. */
export async function punctual(delaysMs: number[]): Promise<void> {
  for (const delayMs of delaysMs) await sleep(delayMs);
}
