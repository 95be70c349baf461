/** What one workflow of the soak does. Plain data: it is the workflow's argument and the model's input. */
export type Step =
  | { readonly kind: 'sleep'; readonly ms: number }
  | { readonly kind: 'activity'; readonly failures: number }
  | { readonly kind: 'local' }
  | { readonly kind: 'signal' }
  | { readonly kind: 'race' }
  | { readonly kind: 'cancel-activity' }
  | { readonly kind: 'parallel'; readonly count: number }
  | { readonly kind: 'patched' }
  | { readonly kind: 'continue' };

export type Ending = 'complete' | 'fail' | 'cancel' | 'terminate' | 'time out';

export interface Plan {
  readonly id: string;
  readonly steps: readonly Step[];
  readonly ending: Ending;
}

export type Random = () => number;

/** The same seed gives the same numbers on every machine. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const pick = <T>(random: Random, choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T;
const between = (random: Random, low: number, high: number): number => low + Math.floor(random() * (high - low));

const makers: readonly ((random: Random) => Step)[] = [
  (random) => ({ kind: 'sleep', ms: between(random, 1, 900) }),
  (random) => ({ kind: 'activity', failures: between(random, 0, 3) }),
  () => ({ kind: 'local' }),
  () => ({ kind: 'signal' }),
  () => ({ kind: 'signal' }),
  () => ({ kind: 'race' }),
  () => ({ kind: 'cancel-activity' }),
  (random) => ({ kind: 'parallel', count: between(random, 2, 6) }),
  () => ({ kind: 'patched' }),
  () => ({ kind: 'continue' }),
];

const ENDINGS: readonly Ending[] = ['complete', 'complete', 'complete', 'fail', 'cancel', 'terminate', 'time out'];

export const makePlan = (random: Random, id: string): Plan => ({
  id,
  steps: Array.from({ length: between(random, 1, 7) }, () => pick(random, makers)(random)),
  ending: pick(random, ENDINGS),
});

/** What a step adds to the result, whatever happens on the way. */
export const wordOf = (step: Step, index: number): string => `${index}:${step.kind}`;

/** How the run must end: its status, and its result where it has one. */
export function modelOf({ steps, ending }: Plan): { status: string; result: string | undefined } {
  const words = steps.map(wordOf).join(' ');
  switch (ending) {
    case 'complete':
      return { status: 'COMPLETED', result: words };
    case 'fail':
      return { status: 'FAILED', result: words };
    case 'cancel':
      return { status: 'CANCELLED', result: undefined };
    case 'terminate':
      return { status: 'TERMINATED', result: undefined };
    case 'time out':
      return { status: 'TIMED_OUT', result: undefined };
  }
}
