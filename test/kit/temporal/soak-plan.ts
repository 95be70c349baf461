/** What one workflow of the soak does. Plain data: it is the workflow's argument and the model's input. */
export type Step =
  | { readonly kind: 'sleep'; readonly ms: number }
  | { readonly kind: 'activity'; readonly failures: number }
  | { readonly kind: 'heartbeat'; readonly beats: number }
  | { readonly kind: 'silence' }
  | { readonly kind: 'activity-timeout'; readonly timeout: ActivityTimeout }
  | { readonly kind: 'async-activity' }
  | { readonly kind: 'cancel-activity' }
  | { readonly kind: 'parallel'; readonly count: number }
  | { readonly kind: 'local'; readonly failures: number }
  | { readonly kind: 'long-local'; readonly ms: number }
  | { readonly kind: 'signal' }
  | { readonly kind: 'signal-once' }
  | { readonly kind: 'race' }
  | { readonly kind: 'patched' }
  | { readonly kind: 'upsert' }
  | { readonly kind: 'failing-task'; readonly ms: number }
  | { readonly kind: 'continue' };

export type ActivityTimeout = 'startToClose' | 'scheduleToClose' | 'scheduleToStart';

/** How the run comes into being; `request` repeats the request with its id, as a client does after a broken reply. */
export type Start = 'start' | 'signal with start' | 'request' | 'start delay' | 'workflow retry';

export type Ending = 'complete' | 'fail' | 'cancel' | 'terminate' | 'time out';

export interface Plan {
  readonly id: string;
  readonly start: Start;
  readonly steps: readonly Step[];
  readonly ending: Ending;
  /** When the client asks for the end that is not the workflow's own. */
  readonly endAfterMs: number;
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

export const pick = <T>(random: Random, choices: readonly T[]): T =>
  choices[Math.floor(random() * choices.length)] as T;
export const between = (random: Random, low: number, high: number): number => low + Math.floor(random() * (high - low));

const TIMEOUTS: readonly ActivityTimeout[] = ['startToClose', 'scheduleToClose', 'scheduleToStart'];

type Makers = { readonly [K in Step['kind']]: (random: Random) => Extract<Step, { kind: K }> };

const makers: Makers = {
  sleep: (random) => ({ kind: 'sleep', ms: between(random, 1, 900) }),
  activity: (random) => ({ kind: 'activity', failures: between(random, 0, 3) }),
  heartbeat: (random) => ({ kind: 'heartbeat', beats: between(random, 4, 12) }),
  silence: () => ({ kind: 'silence' }),
  'activity-timeout': (random) => ({ kind: 'activity-timeout', timeout: pick(random, TIMEOUTS) }),
  'async-activity': () => ({ kind: 'async-activity' }),
  'cancel-activity': () => ({ kind: 'cancel-activity' }),
  parallel: (random) => ({ kind: 'parallel', count: between(random, 2, 6) }),
  local: (random) => ({ kind: 'local', failures: between(random, 0, 3) }),
  'long-local': (random) => ({ kind: 'long-local', ms: between(random, 700, 1500) }),
  signal: () => ({ kind: 'signal' }),
  'signal-once': () => ({ kind: 'signal-once' }),
  race: () => ({ kind: 'race' }),
  patched: () => ({ kind: 'patched' }),
  upsert: () => ({ kind: 'upsert' }),
  'failing-task': (random) => ({ kind: 'failing-task', ms: between(random, 100, 700) }),
  continue: () => ({ kind: 'continue' }),
};

export const KINDS = Object.keys(makers) as readonly Step['kind'][];
export const STARTS: readonly Start[] = ['start', 'signal with start', 'request', 'start delay', 'workflow retry'];
export const ENDINGS: readonly Ending[] = ['complete', 'fail', 'cancel', 'terminate', 'time out'];

const makeStep = (random: Random): Step => makers[pick(random, KINDS)](random);

const makePlan = (random: Random, id: string): Plan => ({
  id,
  start: pick(random, STARTS),
  steps: Array.from({ length: between(random, 1, 7) }, () => makeStep(random)),
  ending: pick(random, ['complete', 'complete', ...ENDINGS]),
  endAfterMs: between(random, 0, 5000),
});

/**
 * The plans of one round: each kind of step, start and ending comes at least once, and each kind of step in a run that
 * must get past it.
 */
export function makeRound(random: Random, count: number, prefix: string): Plan[] {
  return Array.from({ length: count }, (_, n) => {
    const plan = makePlan(random, `${prefix}-${n}`);
    const kind = KINDS[n];
    const start = STARTS[n % STARTS.length] as Start;
    // Only its own step, so that nothing of it is left out for another one's sake.
    if (kind) return sound({ ...plan, start, ending: 'complete', steps: [makers[kind](random)] });
    return sound({ ...plan, ending: ENDINGS[n - KINDS.length] ?? plan.ending });
  });
}

const isLocal = ({ kind }: Step): boolean => kind === 'local' || kind === 'long-local';

export const hasLocals = ({ steps }: Plan): boolean => steps.some(isLocal);

/**
 * What would prove nothing about the node is left out of a plan. A worker that must answer for a workflow task while a
 * local activity ends (the task's time is up, or a query wants its answer) may record the end in one task and what
 * follows from it in the next, which it cannot replay when that is a patch or a cancelled timer. So such runs have time
 * enough, and nobody asks them anything before they end. A run that fails so late that its next attempt would not fit
 * into its time is not tried again, so none that is to time out is one that fails first.
 */
function sound(plan: Plan): Plan {
  const once = hasLocals(plan) || plan.ending === 'time out';
  const start = plan.start === 'workflow retry' && once ? 'start' : plan.start;
  // Request ids of signals are remembered until their run closes: one that must count once stays in its run.
  const goesOn = start === 'workflow retry' || plan.steps.some(({ kind }) => kind === 'continue');
  const steps = plan.steps.map((step): Step => {
    if (step.kind === 'signal-once' && goesOn) return { kind: 'signal' };
    return step.kind === 'failing-task' && hasLocals(plan) ? { kind: 'sleep', ms: step.ms } : step;
  });
  return { ...plan, start, steps };
}

/** A worker keeps silent about a task that fails again, so that only its time-out ends it: such runs have a short one. */
export const taskTimeoutMs = ({ steps }: Plan): number =>
  steps.some(({ kind }) => kind === 'failing-task') ? 3000 : 10_000;

/** How often the whole run fails before it is let through. */
export const retriesOf = ({ start }: Plan): number => (start === 'workflow retry' ? 2 : 0);

/** The number of the signal that comes with the start. */
export const WITH_START = -1;

/** What a step adds to the result, whatever happens on the way. */
export const wordOf = (step: Step, index: number): string => `${index}:${step.kind}`;

export const wordsOf = (plan: Plan): string[] => plan.steps.map(wordOf);

/** The search attribute names the run that set it, and the step. */
export const markOf = ({ id }: Plan, index: number): string => `${id}/${index}`;

/** How the run must end: its status, and what it leaves where it got to its end. */
export interface Outcome {
  readonly status: string;
  readonly result?: string;
  readonly memo?: Readonly<Record<string, unknown>>;
  readonly mark?: string | undefined;
}

const STATUS: Readonly<Record<Ending, string>> = {
  complete: 'COMPLETED',
  fail: 'FAILED',
  cancel: 'CANCELLED',
  terminate: 'TERMINATED',
  'time out': 'TIMED_OUT',
};

export const endsByItself = ({ ending }: Plan): boolean => ending === 'complete' || ending === 'fail';

export function modelOf(plan: Plan): Outcome {
  const status = STATUS[plan.ending];
  if (!endsByItself(plan)) return { status };
  const upserts = plan.steps.flatMap(({ kind }, index) => (kind === 'upsert' ? [index] : []));
  const memo = { plan: plan.id, ...Object.fromEntries(upserts.map((index) => [`step${index}`, index])) };
  const last = upserts.at(-1);
  return {
    status,
    result: wordsOf(plan).join(' '),
    memo,
    mark: last === undefined ? undefined : markOf(plan, last),
  };
}
