import { mkdtempSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { rawCommits, syncRate } from './disk.js';
import { footprint, memoryOverTheMillion } from './footprint.js';
import { appendRate, EVENT_BYTES, fill, liveLatency, readAllRate } from './load.js';
import { median, ratio, type Rate } from './measure.js';
import { inChild, inWorker, storesNothing, type StartSubject } from './subjects.js';

const CONCURRENCIES = [1, 32, 256] as const;
type Rates = Record<string, Rate>;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '3' },
    /** Where the measured files lie: durable rates are those of this folder's disk. */
    data: { type: 'string', default: '.' },
    million: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const home = mkdtempSync(join(resolve(values.data), 'bench-event-store-'));
const freshFolder = (): string => mkdtempSync(join(home, 'data-'));
const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Each concurrency against a fresh node, so that no measurement pays for another's events. */
const appends = async (title: string, start: StartSubject, insecure: boolean): Promise<Rates> => {
  const rates: Rates = {};
  for (const concurrency of CONCURRENCIES) {
    const subject = await start(freshFolder(), insecure);
    const rate = await appendRate(subject.connectionString, concurrency, seconds);
    await subject.stop();
    rates[concurrency] = rate;
    say(`${title}, concurrency ${concurrency}: ${rate.perSecond}/s, p50 ${rate.p50Ms} ms, p99 ${rate.p99Ms} ms`);
  }
  return rates;
};

const reads = async (): Promise<{ readAllPerSecond: number; appendToLiveSubscriber: object }> => {
  const events = 100_000;
  const node = await inWorker(freshFolder(), false);
  const live = await liveLatency(node.connectionString, 500);
  await fill(node.connectionString, events);
  const rates = [];
  for (let round = 0; round < 3; round++) rates.push(await readAllRate(node.connectionString, events));
  await node.stop();
  say(`$all: ${median(rates)} events/s; append to live subscriber p50 ${live.p50Ms} ms, p99 ${live.p99Ms} ms`);
  return { readAllPerSecond: median(rates), appendToLiveSubscriber: live };
};

const measure = async (): Promise<object> => {
  const sync = syncRate(freshFolder(), seconds);
  const raw: Rates = {};
  for (const size of CONCURRENCIES) raw[size] = rawCommits(freshFolder(), seconds, size);
  say(
    `fdatasync ${sync.perSecond}/s; raw commits of 1, 32, 256: ${CONCURRENCIES.map((n) => raw[n]?.perSecond).join(', ')} events/s`,
  );
  const nothing = await appends('stores nothing', storesNothing, false);
  const worker = await appends('worker thread', inWorker, false);
  const child = await appends('child process', inChild, false);
  const nothingOpen = await appends('stores nothing, insecure', storesNothing, true);
  const workerOpen = await appends('worker thread, insecure', inWorker, true);
  const read = await reads();
  const rest = await footprint(freshFolder);
  say(`start ${rest.startMs} ms, ${rest.restMiB} MiB at rest, idle ${rest.idleCpuPercent} % of a core`);
  const of = (rates: Rates, concurrency: number): number => rates[concurrency]?.perSecond ?? NaN;
  return {
    machine: { cores: cpus().length, node: process.version },
    eventBytes: EVENT_BYTES,
    syncsPerSecond: sync.perSecond,
    rawCommits: raw,
    appends: { storesNothing: nothing, worker, child, storesNothingInsecure: nothingOpen, workerInsecure: workerOpen },
    read,
    rest,
    ratios: {
      'appends at 256 / stores nothing (target 0.6)': ratio(of(worker, 256), of(nothing, 256)),
      'appends at 1 / raw durable commits (target 0.4)': ratio(of(worker, 1), of(raw, 1)),
      '$all events per second / 50,000 (target 1)': ratio(read.readAllPerSecond, 50_000),
      'insecure at 256 / stores nothing insecure': ratio(of(workerOpen, 256), of(nothingOpen, 256)),
      'child process at 256 / worker thread': ratio(of(child, 256), of(worker, 256)),
      'with TLS and credential at 256 / without': ratio(of(worker, 256), of(workerOpen, 256)),
      'with TLS and credential at 1 / without': ratio(of(worker, 1), of(workerOpen, 1)),
    },
    ...(values.million ? { memoryOverTheMillion: await memoryOverTheMillion(freshFolder) } : {}),
  };
};

try {
  const result = await measure();
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, undefined, 2)}\n`);
} finally {
  rmSync(home, { recursive: true, force: true });
}
