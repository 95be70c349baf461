import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loneAppends } from './alternating.js';
import { appendFigures, type Bench } from './append-bench.js';
import { syncRate } from './disk.js';
import { footprint, memoryOverTheMillion } from './footprint.js';
import { EVENT_BYTES, fill, liveLatency, readAllRate, type ReadRate } from './load.js';
import { median, ratio } from './measure.js';
import { inWorker } from './subjects.js';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
    /** Where the measured files lie: durable rates are those of this folder's disk. */
    data: { type: 'string', default: 'data' },
    million: { type: 'boolean', default: false },
  },
});
mkdirSync(values.data, { recursive: true });
const home = mkdtempSync(join(resolve(values.data), 'bench-event-store-'));
process.on('exit', () => rmSync(home, { recursive: true, force: true }));
process.on('SIGINT', () => process.exit(130));
const bench: Bench = {
  seconds: Number(values.seconds),
  rounds: Number(values.rounds),
  freshFolder: () => mkdtempSync(join(home, 'data-')),
  say: (line) => void process.stderr.write(`${line}\n`),
};

const READ_EVENTS = 100_000;

const reads = async (): Promise<{ all: ReadRate; appendToLiveSubscriber: object }> => {
  const node = await inWorker(bench.freshFolder(), false);
  const live = await liveLatency(node.connectionString, 500);
  await fill(node.connectionString, READ_EVENTS);
  const rounds: ReadRate[] = [];
  for (let round = 0; round <= bench.rounds; round++)
    rounds.push(await readAllRate(node.connectionString, READ_EVENTS));
  await node.stop();
  const warm = rounds.slice(1);
  const all = {
    perSecond: median(warm.map((rate) => rate.perSecond)),
    clientOnlyPerSecond: median(warm.map((rate) => rate.clientOnlyPerSecond)),
  };
  bench.say(`$all: ${all.perSecond} events/s (the client's own work alone would allow ${all.clientOnlyPerSecond})`);
  bench.say(`append to live subscriber: p50 ${live.p50Ms} ms, p99 ${live.p99Ms} ms`);
  return { all, appendToLiveSubscriber: live };
};

const measure = async (): Promise<object> => {
  const [atStart] = loadavg();
  const sync = syncRate(bench.freshFolder(), bench.seconds);
  bench.say(`fdatasync: ${sync.perSecond}/s`);
  const lone = await loneAppends(bench.freshFolder, false);
  bench.say(`one append at a time: p50 ${lone.appendP50Ms} ms, of raw commits ${lone.ofRawCommits}`);
  const loneInsecure = await loneAppends(bench.freshFolder, true);
  const appends = await appendFigures(bench);
  const read = await reads();
  const rest = await footprint(bench.freshFolder);
  bench.say(`start ${rest.startMs} ms, ${rest.restMiB} MiB at rest, idle ${rest.idleCpuPercent} % of a core`);
  return {
    machine: { cores: cpus().length, node: process.version, loadAverage: [atStart, loadavg()[0]] },
    eventBytes: EVENT_BYTES,
    syncsPerSecond: sync.perSecond,
    oneAtATime: lone,
    oneAtATimeInsecure: loneInsecure,
    appends: appends.rates,
    read,
    rest,
    ratios: {
      'appends at 1 / raw durable commits (target 0.4)': lone.ofRawCommits,
      'the same by p50': lone.ofRawCommitsByP50,
      'at best by p50: a raw commit and an empty round trip': lone.atBestByP50,
      'insecure: appends at 1 / raw durable commits': loneInsecure.ofRawCommits,
      'insecure: the same by p50': loneInsecure.ofRawCommitsByP50,
      ...appends.ratios,
      '$all events per second / 50,000 (target 1)': ratio(read.all.perSecond, 50_000),
      "$all events per second / the client's own work alone": ratio(read.all.perSecond, read.all.clientOnlyPerSecond),
    },
    ...(values.million ? { memoryOverTheMillion: await memoryOverTheMillion(bench.freshFolder) } : {}),
  };
};

const result = await measure();
process.stdout.write(`${JSON.stringify(result, undefined, values.json ? 0 : 2)}\n`);
