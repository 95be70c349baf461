import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DefaultLogger, Runtime, bundleWorkflowCode } from '@temporalio/worker';
import { measureRecovery, measureTimers } from './endurance.js';
import { connectClient, loads, runLoad, type LoadResult } from './load.js';
import { end, hasRealServer, newFolder, startEmbedded, startReal, startWorker, type Server } from './servers.js';
import { round, usageOf } from './usage.js';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    count: { type: 'string', default: '1000' },
    runs: { type: 'string', default: '10000' },
    timers: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '1' },
    'no-endurance': { type: 'boolean', default: false },
  },
});
const count = Number(values.count);
const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function writeBundle(folder: string): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('./workflows.js', import.meta.url)),
    logger: new DefaultLogger('ERROR'),
  });
  const file = join(folder, 'bundle.js');
  writeFileSync(file, code);
  return file;
}

interface ServerResult {
  readonly rssAtRestMb: number | undefined;
  readonly loads: LoadResult[];
}

async function measureServer(start: (folder: string) => Promise<Server>, bundle: string): Promise<ServerResult> {
  const folder = newFolder();
  const server = await start(folder.path);
  const rssAtRestMb = usageOf(server.child)?.rssMb;
  const worker = await startWorker(server.connect, bundle);
  const { client, close } = await connectClient(server.connect);
  const results: LoadResult[] = [];
  for (const work of Object.values(loads)) await runLoad('warm-up', work, 100, 20, server, worker, client);
  for (const [name, work] of Object.entries(loads)) {
    results.push(await runLoad(name, work, Math.ceil(count / 5), 1, server, worker, client));
    results.push(await runLoad(name, work, count, 50, server, worker, client));
  }
  await close();
  await end(worker, 'SIGKILL');
  await end(server.child);
  folder.remove();
  return { rssAtRestMb, loads: results };
}

const median = (numbers: readonly number[]): number => {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
};

/** Rounds alternate between the servers, so that what else the machine does falls on both. */
function summarize(results: readonly ServerResult[]): ServerResult {
  const [first, ...others] = results;
  if (!first) throw new Error('no round was run');
  const numbers = ['perSecond', 'p50Ms', 'p99Ms', 'nodeCpuMs', 'workerCpuMs', 'nodeRssMb'] as const;
  const loadsOf = first.loads.map((load, index) => {
    const same = [load, ...others.map((other) => other.loads[index] ?? load)];
    const medians = numbers.map((key) => [key, median(same.map((one) => one[key] ?? 0))]);
    return { ...load, ...(Object.fromEntries(medians) as Partial<LoadResult>) };
  });
  return { rssAtRestMb: first.rssAtRestMb, loads: loadsOf };
}

const ratios = (embedded: ServerResult, real: ServerResult) =>
  embedded.loads.map((load, index) => ({
    load: load.load,
    concurrency: load.concurrency,
    perSecond: round(load.perSecond / (real.loads[index]?.perSecond ?? NaN), 2),
    p50: round(load.p50Ms / (real.loads[index]?.p50Ms ?? NaN), 2),
  }));

function print(title: string, { rssAtRestMb, loads: results }: ServerResult): void {
  say(`\n${title}, ${rssAtRestMb} MB at rest`);
  for (const result of results) {
    const { load, concurrency, perSecond, p50Ms, p99Ms, nodeCpuMs, workerCpuMs, nodeRssMb } = result;
    say(
      `  ${load} ×${concurrency}: ${perSecond}/s, p50 ${p50Ms} ms, p99 ${p99Ms} ms; ` +
        `CPU ms each: node ${nodeCpuMs}, worker ${workerCpuMs}; node ${nodeRssMb} MB`,
    );
  }
}

async function main(): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined) });
  const folder = newFolder();
  const bundle = await writeBundle(folder.path);
  const isReal = hasRealServer();
  if (!isReal) say('no real dev server (`temporal`) on the PATH: measured without comparison');
  const rounds = { embedded: [] as ServerResult[], secured: [] as ServerResult[], real: [] as ServerResult[] };
  for (let turn = 0; turn < Number(values.rounds); turn++) {
    rounds.embedded.push(await measureServer((path) => startEmbedded(path), bundle));
    if (isReal) rounds.real.push(await measureServer(startReal, bundle));
    rounds.secured.push(await measureServer((path) => startEmbedded(path, []), bundle));
  }
  const embedded = summarize(rounds.embedded);
  const secured = summarize(rounds.secured);
  const real = isReal ? summarize(rounds.real) : undefined;
  print('embedded', embedded);
  print('embedded, with TLS and secret', secured);
  if (real) print('real dev server', real);
  const recovery = values['no-endurance'] ? undefined : await measureRecovery(Number(values.runs));
  const timers = values['no-endurance'] ? undefined : await measureTimers(Number(values.timers), bundle);
  folder.remove();
  const compared = real ? { real, ratio: ratios(embedded, real) } : {};
  const machine = { cores: cpus().length, cpu: cpus()[0]?.model, node: process.version };
  const report = { machine, embedded, secured, ...compared, recovery, timers };
  if (values.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else say(JSON.stringify({ ratio: real && ratios(embedded, real), recovery, timers }, null, 2));
}

await main();
process.exit(0);
