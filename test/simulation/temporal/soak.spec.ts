import { Killable } from '../../kit/temporal/killable.js';
import { checkHistory, storyOf } from '../../kit/temporal/soak-checks.js';
import { Attendant, persist } from '../../kit/temporal/soak-client.js';
import {
  ENDINGS,
  KINDS,
  STARTS,
  endsByItself,
  makeRound,
  modelOf,
  randomOf,
  wordsOf,
  type Outcome,
  type Plan,
  type Random,
} from '../../kit/temporal/soak-plan.js';
import { eventually, pause, quiet } from '../../kit/temporal/target.js';

/**
 * Random workflows of every supported kind, while node and worker are killed with -9. The seed gives the same plans
 * and the same kills again; only the machine's own timing differs.
 *   SOAK_SEED=7 SOAK_MINUTES=30 npm test -- test/simulation/temporal/soak
 */
const seed = Number(process.env['SOAK_SEED'] ?? 1);
const minutes = Number(process.env['SOAK_MINUTES'] ?? 0.2);
const RUNS_PER_ROUND = 40;
const ROUND_MS = 10_000;
/** How long a run may take after the last kill, on a machine that has other things to do. */
const PATIENCE_MS = 180_000;

interface Tally {
  rounds: number;
  runs: number;
  nodeKills: number;
  workerKills: number;
}

let killable: Killable;
const tally: Tally = { rounds: 0, runs: 0, nodeKills: 0, workerKills: 0 };
const passed = { kinds: new Set<string>(), starts: new Set<string>(), endings: new Set<string>() };

beforeAll(async () => {
  quiet();
  killable = await Killable.start({
    workflows: 'soak-workflows.ts',
    args: ['--search-attribute', 'CustomKeywordField=Keyword'],
  });
}, 60_000);
afterAll(() => killable.close());

/** Kills and restarts by the seed until told to stop: both in turn, and sometimes both at once. */
async function disturb(random: Random, isOver: () => boolean): Promise<void> {
  for (let turn = 0; !isOver(); turn++) {
    await pause(500 + random() * 1500);
    const downMs = random() * 400;
    const both = random() < 0.2;
    const crashNode = async () => (tally.nodeKills += Number(await killable.crashNode(downMs)));
    const crashWorker = async () => (tally.workerKills += Number(await killable.crashWorker(downMs)));
    const crashes = both ? [crashNode, crashWorker] : [turn % 2 ? crashWorker : crashNode];
    await Promise.all(crashes.map((crash) => crash()));
  }
}

async function late(): Promise<never> {
  await pause(PATIENCE_MS);
  const { exitCode, signalCode } = killable.worker;
  throw new Error(`it did not end in time; the worker is ${exitCode ?? signalCode ?? 'alive'}`);
}

async function explained(plan: Plan, error: unknown): Promise<Error> {
  const story = await storyOf(killable.client.workflow.getHandle(plan.id));
  return new Error(`${(error as Error).message}\n${JSON.stringify(plan)}\n${story}`, { cause: error });
}

/** One run from its start to its end; `settled` resolves when nothing is killed any more. */
async function live(plan: Plan, settled: Promise<void>): Promise<void> {
  const attendant = new Attendant(killable.client, killable.taskQueue, plan);
  const life = attendant.attend().then(() => attendant.outcome());
  const outcome = await Promise.race([life, settled.then(late)]);
  const model = modelOf(plan);
  expect({ plan, ...told(outcome, model) }).toEqual({ plan, ...model });
  if (endsByItself(plan)) {
    expect(await attendant.lastWords()).toEqual(wordsOf(plan));
    for (const { kind } of plan.steps) passed.kinds.add(kind);
    passed.starts.add(plan.start);
  }
  passed.endings.add(plan.ending);
  await checkHistory(attendant.handle);
  if (model.mark) await expectListed(plan, model.mark);
}

/** Of a run that was ended from outside, how far it had got is not foreseen. */
const told = (outcome: Required<Outcome>, { result }: Outcome): Outcome =>
  result === undefined ? { status: outcome.status } : outcome;

async function expectListed({ id }: Plan, mark: string): Promise<void> {
  const ids: string[] = [];
  await persist(async () => {
    ids.length = 0;
    const listed = killable.client.workflow.list({ query: `CustomKeywordField = '${mark}'` });
    for await (const { workflowId } of listed) ids.push(workflowId);
  });
  // The runs that continued as this one carry its marks, too.
  expect(new Set(ids)).toEqual(new Set([id]));
}

async function round(plans: Random, kills: Random, endMs: number): Promise<void> {
  const prefix = `soak-${seed}-${tally.rounds++}`;
  const wanted = makeRound(plans, RUNS_PER_ROUND, prefix);
  const settled = disturb(kills, () => Date.now() > endMs);
  const lives = await Promise.allSettled(
    wanted.map((plan) => live(plan, settled).catch(async (error) => Promise.reject(await explained(plan, error)))),
  );
  await settled;
  tally.runs += wanted.length;
  const failures = lives.flatMap((life) => (life.status === 'rejected' ? [life.reason as Error] : []));
  if (failures.length > 0) {
    throw new AggregateError(failures, `${failures.length} runs: ${failures.map(({ message }) => message).join('\n')}`);
  }
  await eventually(
    () => killable.client.workflow.count(`WorkflowId STARTS_WITH '${prefix}-' AND ExecutionStatus = 'Running'`),
    ({ count }) => count === 0,
  );
}

test(
  `every run ends as its model says (seed ${seed}, ${minutes} minutes)`,
  async () => {
    const plans = randomOf(seed);
    const kills = randomOf(seed + 1);
    const endMs = Date.now() + minutes * 60_000;
    const sinceMs = Date.now();
    try {
      while (Date.now() < endMs) await round(plans, kills, Math.min(endMs, Date.now() + ROUND_MS));
    } finally {
      const took = ((Date.now() - sinceMs) / 60_000).toFixed(1);
      process.stdout.write(`soak, seed ${seed}: ${took} minutes, ${JSON.stringify(tally)}\n`);
    }
    expect(tally.nodeKills).toBeGreaterThan(0);
    expect(tally.workerKills).toBeGreaterThan(0);
    expect(passed.kinds).toEqual(new Set(KINDS));
    expect(passed.starts).toEqual(new Set(STARTS));
    expect(passed.endings).toEqual(new Set(ENDINGS));
  },
  minutes * 60_000 + PATIENCE_MS + 60_000,
);
