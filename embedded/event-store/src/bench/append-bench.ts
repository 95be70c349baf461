import { rawCommits } from './disk.js';
import { appendRate } from './load.js';
import { median, percentile, ratio, type Rate } from './measure.js';
import { inChild, inWorker, storesNothing, type StartSubject } from './subjects.js';

const CONCURRENCIES = [1, 32, 256] as const;

const SUBJECTS = {
  storesNothing: { start: storesNothing, insecure: false },
  worker: { start: inWorker, insecure: false },
  child: { start: inChild, insecure: false },
  storesNothingInsecure: { start: storesNothing, insecure: true },
  workerInsecure: { start: inWorker, insecure: true },
} satisfies Record<string, { start: StartSubject; insecure: boolean }>;

type Name = keyof typeof SUBJECTS | 'rawCommits';
/** One round: everything once, close together in time, so that what else the machine does hits all alike. */
type Round = Record<Name, Rate>;

export interface AppendFigures {
  readonly rates: Record<string, Record<string, Rate>>;
  readonly ratios: Record<string, number>;
}

export interface Bench {
  readonly seconds: number;
  readonly rounds: number;
  readonly freshFolder: () => string;
  readonly say: (line: string) => void;
}

export const appendFigures = async (bench: Bench): Promise<AppendFigures> => {
  const rates: Record<string, Record<string, Rate>> = {};
  const rounds = new Map<number, Round[]>();
  for (const concurrency of CONCURRENCIES) {
    const measured: Round[] = [];
    for (let round = 0; round < bench.rounds; round++) measured.push(await oneRound(bench, concurrency));
    rounds.set(concurrency, measured);
    for (const name of Object.keys(measured[0] ?? {}) as Name[]) {
      const rate = medianRate(measured.map((round) => round[name]));
      (rates[name] ??= {})[concurrency] = rate;
      bench.say(`${name}, concurrency ${concurrency}: ${rate.perSecond}/s, p50 ${rate.p50Ms} ms, p99 ${rate.p99Ms} ms`);
    }
  }
  const pairwise = (concurrency: number, part: Name, whole: Name): number =>
    percentile(
      (rounds.get(concurrency) ?? []).map((round) => ratio(round[part].perSecond, round[whole].perSecond)),
      0.5,
    );
  return {
    rates,
    ratios: {
      'appends at 256 / stores nothing (target 0.6)': pairwise(256, 'worker', 'storesNothing'),
      'insecure: appends at 256 / stores nothing': pairwise(256, 'workerInsecure', 'storesNothingInsecure'),
      'child process / worker thread at 256': pairwise(256, 'child', 'worker'),
      'child process / worker thread at 1': pairwise(1, 'child', 'worker'),
      'with TLS and credential / without at 256': pairwise(256, 'worker', 'workerInsecure'),
      'with TLS and credential / without at 1': pairwise(1, 'worker', 'workerInsecure'),
    },
  };
};

const oneRound = async (bench: Bench, concurrency: number): Promise<Round> => {
  const round: Partial<Round> = { rawCommits: rawCommits(bench.freshFolder(), bench.seconds, concurrency) };
  for (const [name, { start, insecure }] of Object.entries(SUBJECTS)) {
    const subject = await start(bench.freshFolder(), insecure);
    round[name as Name] = await appendRate(subject.connectionString, concurrency, bench.seconds);
    await subject.stop();
  }
  return round as Round;
};

const medianRate = (rates: Rate[]): Rate => ({
  perSecond: median(rates.map((rate) => rate.perSecond)),
  p50Ms: median(rates.map((rate) => rate.p50Ms)),
  p99Ms: median(rates.map((rate) => rate.p99Ms)),
});
