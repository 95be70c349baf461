// Measures the built service over HTTP beside the parts it stands on, on one machine and in turns: a round of ours, a
// round of theirs, the next round in the other order. Machines differ and have moods, so what counts is the ratio of the
// two halves of a round, and of several rounds the median. CPU time hardly depends on who else uses the machine.
import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const REBUILD_EVENTS = Number(process.env.BENCH_EVENTS ?? 20_000);
/** Fixed numbers of requests, so that nothing of one half is still under way in the other. */
const SCALE = Number(process.env.BENCH_SCALE ?? 1);
const COMMANDS = [
  [1, 200 * SCALE],
  [32, 1_000 * SCALE],
  [256, 2_000 * SCALE],
];
/**
 * Both halves are measured as they are after an hour, not as they are after a start: what a command runs through is much more
 * code than what an append does, and for the first thousands of them V8 is busy with compiling it.
 */
const COMMANDS_BEFORE = 6_000 * SCALE;
const READS = 5_000 * SCALE;
const READERS = 32;
const ROWS = 100;
const TARGETS = { reads: 0.6, commands: 0.4, rebuildPerSecond: 20_000 };

const rounded = (value) => Math.round(value * 100) / 100;
const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return rounded(sorted.length % 2 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2);
};
const medians = (rounds) =>
  Object.fromEntries(
    Object.keys(rounds[0])
      .filter((name) => rounds[0][name] !== null)
      .map((name) => [name, median(rounds.map((round) => round[name]))]),
  );
const judged = (value, target) => ({ value, target, met: value >= target ? 'yes' : 'no' });
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Microseconds of CPU that a process has used, all its threads together; null where the system does not tell. */
const cpuUsOf = (pid) => {
  try {
    const used = (task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ', 1)[0]);
    return readdirSync(`/proc/${pid}/task`).reduce((sum, task) => sum + used(task), 0) / 1000;
  } catch {
    return null;
  }
};

/** Ours and theirs in turns; answers the medians of each and of their ratio. */
const inTurns = async (ours, theirs) => {
  await ours();
  await theirs();
  const rounds = [];
  for (let n = 0; n < ROUNDS; n += 1) {
    const round = {};
    const halves = [async () => (round.ours = await ours()), async () => (round.theirs = await theirs())];
    for (const half of n % 2 ? halves.toReversed() : halves) await half();
    rounds.push(round);
  }
  const ratios = rounds.map((round) => rounded(round.ours.perSecond / round.theirs.perSecond));
  return {
    ours: medians(rounds.map((round) => round.ours)),
    theirs: medians(rounds.map((round) => round.theirs)),
    ratio: median(ratios),
    ratios,
  };
};

const started = async (args, env, isReady) => {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  let said = '';
  await new Promise((resolve, reject) => {
    child.stderr.on('data', (chunk) => isReady((said += chunk)) && resolve());
    child.once('exit', () => reject(new Error(`did not start: ${said}`)));
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  return { pid: child.pid, said, stop };
};

/** The program that people start, as they start it, but for the limits on how often one client may ask. */
const serviceIn = async (dataDir) => {
  const begin = performance.now();
  const limits = { RATE_LIMIT_PER_MINUTE: '100000000', LOGIN_RATE_LIMIT_PER_MINUTE: '100000000' };
  const program = await started(
    ['dist/src/entrypoints/all-in-one.js'],
    { ...limits, DATA_DIR: dataDir, PORT: '0' },
    (said) => said.includes('is ready') && said.includes('Event store'),
  );
  const readyMs = Math.round(performance.now() - begin);
  await pause(2_000);
  const [, restKiB] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${program.pid}/status`, 'utf8'));
  const [, password] = /Password\s+(\S+)/.exec(program.said);
  const [, url] = /API\s+(\S+)\/api\/v1/.exec(program.said);
  return { ...program, readyMs, restMiB: Math.round(Number(restKiB) / 1024), url, password };
};

const loggedIn = async ({ url, password }) => {
  const json = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/api/v1/back-office/sessions`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ loginId: 'back.office', password }),
  });
  const { csrfToken } = await answer.json();
  const cookies = answer.headers.getSetCookie().map((text) => text.split(';', 1)[0]);
  const headers = { ...json, cookie: cookies.join('; '), 'x-csrf-token': csrfToken };
  // What the first start told opens nothing but its own change.
  const newPassword = `${password}-own`;
  await fetch(`${url}/api/v1/back-office/me/password`, {
    method: 'PUT',
    headers,
    body: JSON.stringify({ currentPassword: password, newPassword, newPasswordRepeat: newPassword }),
  });
  return headers;
};

const load = async (pid, options) => {
  const [before, begin] = [cpuUsOf(pid), performance.now()];
  // Its own default looks once a second whether it is done.
  const result = await autocannon({ ...options, sampleInt: 20 });
  const seconds = (performance.now() - begin) / 1000;
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${options.url}: ${result.non2xx} refused, ${result.errors} failed`);
  const { requests, latency } = result;
  const cpuUs = before === null ? null : (cpuUsOf(pid) - before) / requests.total;
  return { perSecond: requests.total / seconds, p50Ms: latency.p50, p99Ms: latency.p99, cpuUs };
};

let made = 0;
const nextCode = () => `B${String((made += 1)).padStart(12, '0')}`;

/** Commands over HTTP until they are durable, beside appends of one event to an embedded store of the same kind. */
const commandsOf = async ({ pid, url }, headers, dataDir) => {
  const { text } = await import('../dist/src/kernel/schema.js');
  const { message } = await import('../dist/src/kernel/message.js');
  const appended = message('bench.Appended', { clientCode: text(), name: text() });
  const { node, events } = await eventStoreIn(dataDir, [appended]);
  const event = appended({ clientCode: 'B000000000000', name: 'Example Bridge Construction Co.' });
  const body = () => JSON.stringify({ clientCode: nextCode(), name: 'Example Bridge Construction Co.' });
  const requests = [
    {
      method: 'POST',
      path: '/api/v1/back-office/client-companies',
      headers,
      setupRequest: (request) => ({ ...request, body: body() }),
    },
  ];
  const appends = async (concurrency, amount) => {
    const begin = performance.now();
    let left = amount;
    const one = async () => {
      while ((left -= 1) >= 0)
        await events.append(`bench-${randomUUID()}`, -1, [{ ...event, metadata: metadata(), id: randomUUID() }]);
    };
    await Promise.all(Array.from({ length: concurrency }, one));
    return { perSecond: amount / ((performance.now() - begin) / 1000) };
  };
  const measured = { warmedUpBy: COMMANDS_BEFORE };
  await load(pid, { url, connections: 32, amount: COMMANDS_BEFORE, requests });
  await appends(32, COMMANDS_BEFORE);
  for (const [connections, amount] of COMMANDS) {
    const { ours, theirs, ratio, ratios } = await inTurns(
      () => load(pid, { url, connections, amount, requests }),
      () => appends(connections, amount),
    );
    measured[connections] = { ...ours, appendsPerSecond: theirs.perSecond, ratios, ...judged(ratio, TARGETS.commands) };
  }
  await events.close();
  await node.stop();
  return measured;
};

const readsOf = async ({ pid, url }, { cookie }, dataDir) => {
  const bare = await started([fileURLToPath(import.meta.url), 'bare', dataDir], {}, (said) => said.includes('http'));
  const bareUrl = bare.said.trim();
  const id = 'B000000000001';
  const measured = {};
  for (const [name, path, barePath] of [
    ['byId', `/api/v1/back-office/client-companies/${id}`, `/one/${id}`],
    ['list', '/api/v1/back-office/client-companies', '/list'],
  ]) {
    const { ours, theirs, ratio, ratios } = await inTurns(
      () => load(pid, { url: url + path, connections: READERS, amount: READS, headers: { cookie } }),
      () => load(bare.pid, { url: bareUrl + barePath, connections: READERS, amount: READS }),
    );
    measured[name] = { ...ours, bareFastify: theirs, ratios, ...judged(ratio, TARGETS.reads) };
    if (ours.cpuUs && theirs.cpuUs) measured[name].ratioOfCpuTime = rounded(theirs.cpuUs / ours.cpuUs);
  }
  await bare.stop();
  return measured;
};

/** The other half of the reads, in a process of its own: the same rows with nothing around them. */
const serveBare = async (dataDir) => {
  const { default: fastify } = await import('fastify');
  const { DatabaseSync } = await import('node:sqlite');
  const rows = new DatabaseSync(join(dataDir, 'read-models.sqlite'), { readOnly: true });
  const { generation } = rows
    .prepare("select generation from projection_generations where name = 'client-portal' and live = 1")
    .get();
  const one = rows.prepare(`select * from client_portal_g${generation}_companies where client_code = ?`);
  const list = rows.prepare(`select * from client_portal_g${generation}_companies order by client_code limit 21`);
  const plain = fastify();
  plain.get('/one/:id', (request) => one.get(request.params.id));
  plain.get('/list', () => list.all());
  console.error(await plain.listen({ port: 0, host: '127.0.0.1' }));
};

const metadata = () => ({
  $causationId: randomUUID(),
  $correlationId: 'bench',
  occurredAt: new Date().toISOString(),
  tenant: 'B',
  service: 'client-portal',
  actor: { kind: 'system', id: 's', name: 's' },
  onBehalfOf: null,
  operation: 'bench',
  clientAddress: null,
  schema: 1,
  fingerprint: null,
  refused: null,
});

const eventStoreIn = async (dataDir, definitions) => {
  const { configOf } = await import('../dist/src/platform/config/config.js');
  const { eventStoreOf } = await import('../dist/src/entrypoints/event-store-node.js');
  const { codecOf } = await import('../dist/src/platform/event-store/codec.js');
  const { EsdbEventStore } = await import('../dist/src/platform/event-store/esdb.js');
  const config = configOf({ DATA_DIR: dataDir });
  const node = await eventStoreOf(config);
  return { config, node, events: new EsdbEventStore(node.connectionString, codecOf(definitions)) };
};

const rawInserts = async (file, rows) => {
  const { DatabaseSync } = await import('node:sqlite');
  const raw = new DatabaseSync(file);
  raw.exec('PRAGMA journal_mode = WAL; create table t(client_code text primary key, name text, updated_at text)');
  const insert = raw.prepare('insert into t values (?, ?, ?)');
  const begin = performance.now();
  for (let n = 0; n < rows; n += 500) {
    raw.exec('begin');
    for (let i = n; i < Math.min(n + 500, rows); i += 1) insert.run(`B${i}`, 'Example', '2026');
    raw.exec('commit');
  }
  const perSecond = rows / ((performance.now() - begin) / 1000);
  raw.close();
  rmSync(file);
  return perSecond;
};

/** A read model built anew from the first event, with nothing else going on in the process. */
const rebuildIn = async (dataDir) => {
  const { eventDefinitions } = await import('../dist/src/entrypoints/events.js');
  const { openDatabase } = await import('../dist/src/platform/sql/database.js');
  const { Projector } = await import('../dist/src/platform/projections/projector.js');
  const { clientPortal } = await import('../dist/projections/client-portal/projection.js');
  const { config, node, events } = await eventStoreIn(dataDir, eventDefinitions);
  let left = REBUILD_EVENTS;
  const type = 'client-portal.ClientCompanyRegistered';
  const fill = async () => {
    while ((left -= 1) >= 0) {
      const data = { clientCode: nextCode(), name: 'Example' };
      await events.append(`clientCompany-${data.clientCode}`, -1, [
        { type, data, id: randomUUID(), metadata: metadata() },
      ]);
    }
  };
  await Promise.all(Array.from({ length: 100 }, fill));
  const database = await openDatabase(config.readModels);
  const complain = (...what) => console.error(...what);
  const listener = { applied: () => undefined, parked: complain, failed: complain };
  const projector = new Projector(events, database, [clientPortal], { now: () => new Date() }, listener);
  await projector.start();
  await projector.untilCaughtUp();
  const once = async () => {
    const [begin, cpu] = [performance.now(), process.threadCpuUsage()];
    await projector.rebuild('client-portal');
    const { user, system } = process.threadCpuUsage(cpu);
    const perSecond = REBUILD_EVENTS / ((performance.now() - begin) / 1000);
    return { perSecond, cpuUsPerEvent: (user + system) / REBUILD_EVENTS };
  };
  await once();
  const rounds = [];
  for (let n = 0; n < ROUNDS; n += 1)
    rounds.push({
      ...(await once()),
      rawInsertsPerSecond: await rawInserts(join(dataDir, 'raw.sqlite'), REBUILD_EVENTS),
    });
  await projector.stop();
  await database.close();
  await events.close();
  await node.stop();
  const figures = medians(rounds);
  return { events: REBUILD_EVENTS, ...figures, ...judged(figures.perSecond, TARGETS.rebuildPerSecond) };
};

const measure = async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'bench-'));
  const before = loadavg()[0];
  const service = await serviceIn(join(dataDir, 'service'));
  const headers = await loggedIn(service);
  for (let n = 0; n < ROWS; n += 1)
    await fetch(`${service.url}/api/v1/back-office/client-companies`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ clientCode: nextCode(), name: 'Example Bridge Construction Co.' }),
    });
  await pause(2_000);
  const reads = await readsOf(service, headers, join(dataDir, 'service'));
  const commands = await commandsOf(service, headers, join(dataDir, 'appends'));
  await service.stop();
  const rebuild = await rebuildIn(join(dataDir, 'rebuild'));
  rmSync(dataDir, { recursive: true, force: true });
  const { readyMs, restMiB } = service;
  const machine = { cores: availableParallelism(), loadBefore: rounded(before), loadAfter: rounded(loadavg()[0]) };
  // Our own load stands in it, too; much more than that, and only ratios and CPU time mean anything.
  return { machine, rounds: ROUNDS, start: { readyMs, restMiB }, reads, commands, rebuild };
};

const [, , what, folder] = process.argv;
if (what === 'bare') await serveBare(folder);
else {
  const figures = await measure();
  console.log(process.argv.includes('--json') ? JSON.stringify(figures) : JSON.stringify(figures, null, 2));
  process.exit(0);
}
