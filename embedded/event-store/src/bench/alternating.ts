import { rawLog } from './disk.js';
import { appender } from './load.js';
import { closedLoop, median, ratio, tightLoop, type Rate } from './measure.js';
import { inWorker, storesNothing, type StartSubject } from './subjects.js';

/** Something that runs for a short while, rests, and runs again. */
interface Runner {
  burst(seconds: number): Promise<Rate>;
  stop(): Promise<void>;
}

const BURST_SECONDS = 0.15;
const BURSTS = 40;
/** Until V8 has compiled the paths for good, which takes both sides some thousand appends. */
const WARM_APPENDS = 3_000;

/** What is left at concurrency 1 of the rate of raw durable commits. */
export interface LoneAppends {
  readonly rawP50Ms: number;
  readonly storesNothingP50Ms: number;
  readonly appendP50Ms: number;
  /** Median over the bursts of the ratio of rates. */
  readonly ofRawCommits: number;
  readonly ofRawCommitsByP50: number;
  /** The ratio if an append took a raw commit and a round trip that stores nothing, and not a microsecond more. */
  readonly atBestByP50: number;
}

/**
 * Appends one at a time, raw commits and a server that stores nothing, all alive at once and each in short bursts in
 * turn: whatever else the machine does then hits all three alike. Rounds of seconds did not agree with each other.
 */
export const loneAppends = async (freshFolder: () => string, insecure: boolean): Promise<LoneAppends> => {
  const runners = {
    raw: rawRunner(freshFolder()),
    nothing: await nodeRunner(storesNothing, freshFolder(), insecure),
    node: await nodeRunner(inWorker, freshFolder(), insecure),
  };
  const bursts: Record<keyof typeof runners, Rate>[] = [];
  for (let index = 0; index < BURSTS; index++) {
    bursts.push({
      raw: await runners.raw.burst(BURST_SECONDS),
      nothing: await runners.nothing.burst(BURST_SECONDS),
      node: await runners.node.burst(BURST_SECONDS),
    });
  }
  for (const runner of Object.values(runners)) await runner.stop();
  const p50 = (name: keyof typeof runners): number => median(bursts.map((burst) => burst[name].p50Ms));
  return {
    rawP50Ms: p50('raw'),
    storesNothingP50Ms: p50('nothing'),
    appendP50Ms: p50('node'),
    ofRawCommits: median(bursts.map(({ node, raw }) => ratio(node.perSecond, raw.perSecond))),
    ofRawCommitsByP50: median(bursts.map(({ node, raw }) => ratio(raw.p50Ms, node.p50Ms))),
    atBestByP50: median(bursts.map(({ nothing, raw }) => ratio(raw.p50Ms, raw.p50Ms + nothing.p50Ms))),
  };
};

const rawRunner = (folder: string): Runner => {
  const log = rawLog(folder);
  for (let index = 0; index < WARM_APPENDS; index++) log.commit(1);
  return {
    burst: (seconds) => Promise.resolve(tightLoop(seconds, 1, () => log.commit(1))),
    stop: () => Promise.resolve(log.close()),
  };
};

const nodeRunner = async (start: StartSubject, folder: string, insecure: boolean): Promise<Runner> => {
  const subject = await start(folder, insecure);
  const { append, dispose } = appender(subject.connectionString);
  for (let index = 0; index < WARM_APPENDS; index++) await append(0);
  return {
    burst: (seconds) => closedLoop(1, seconds, append),
    stop: async () => {
      await dispose();
      await subject.stop();
    },
  };
};
