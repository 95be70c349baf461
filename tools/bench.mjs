// Measures the built service over HTTP beside the parts it stands on, in one process tree on one machine.
// Figures of one run say little: quote the ratios, which both sides of a line pay for alike.
import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import autocannon from 'autocannon';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 5);
const CONCURRENCIES = [1, 32, 256];
const REBUILD_EVENTS = 20_000;
const dataDir = mkdtempSync(join(tmpdir(), 'bench-'));

const { configOf } = await import('../dist/src/platform/config/config.js');
const { logOf } = await import('../dist/src/platform/telemetry/log.js');
const { startService } = await import('../dist/src/entrypoints/service.js');
const { eventStoreOf } = await import('../dist/src/entrypoints/event-store-node.js');
const { codecOf } = await import('../dist/src/platform/event-store/codec.js');
const { EsdbEventStore } = await import('../dist/src/platform/event-store/esdb.js');
const { message } = await import('../dist/src/kernel/message.js');
const { text } = await import('../dist/src/kernel/schema.js');
const { systemClock } = await import('../dist/src/kernel/clock.js');

const round = (value) => Math.round(value * 100) / 100;

/** The program that people start, in a process of its own, so that whoever asks does not stand in its way. */
const program = async () => {
  const begin = performance.now();
  const limits = { RATE_LIMIT_PER_MINUTE: '100000000', LOGIN_RATE_LIMIT_PER_MINUTE: '100000000' };
  const env = { ...process.env, ...limits, DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'silent' };
  const child = spawn(process.execPath, ['dist/src/entrypoints/all-in-one.js'], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  let said = '';
  await new Promise((resolve) => {
    child.stderr.on(
      'data',
      (chunk) => (said += chunk).includes('is ready') && said.includes('Event store') && resolve(),
    );
  });
  const readyMs = Math.round(performance.now() - begin);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const restMiB = Math.round(
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024,
  );
  const [, password] = /Password\s+(\S+)/.exec(said);
  const [, url] = /API\s+(\S+)\/api\/v1/.exec(said);
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  return { readyMs, restMiB, url, credential: { loginId: 'back.office', password }, stop };
};

const load = async (options) => {
  const result = await autocannon({ duration: SECONDS, ...options });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${options.url}: ${result.non2xx} refused, ${result.errors} failed`);
  return { perSecond: round(result.requests.average), p50Ms: result.latency.p50, p99Ms: result.latency.p99 };
};

const running = await program();
const { url } = running;
const start = { readyMs: running.readyMs, restMiB: running.restMiB };

const login = await fetch(`${url}/api/v1/back-office/sessions`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(running.credential),
});
const { csrfToken } = await login.json();
const cookie = login.headers
  .getSetCookie()
  .map((text) => text.split(';', 1)[0])
  .join('; ');
const headers = { cookie, 'x-csrf-token': csrfToken, 'content-type': 'application/json' };

let made = 0;
const nextCode = () => `B${String((made += 1)).padStart(12, '0')}`;
const commands = {};
const appends = {};
const appended = message('bench.Appended', { clientCode: text(), name: text() });
for (const connections of CONCURRENCIES) {
  const setupRequest = (request) => ({
    ...request,
    body: JSON.stringify({ clientCode: nextCode(), name: 'Example Bridge Construction Co.' }),
  });
  const requests = [{ method: 'POST', path: '/api/v1/back-office/client-companies', headers, setupRequest }];
  commands[connections] = await load({ url, connections, requests });
}

const reads = await (async () => {
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
  const bareUrl = await plain.listen({ port: 0, host: '127.0.0.1' });
  const id = 'B000000000001';
  const measured = {};
  for (const [name, path, barePath] of [
    ['byId', `/api/v1/back-office/client-companies/${id}`, `/one/${id}`],
    ['list', '/api/v1/back-office/client-companies', '/list'],
  ]) {
    const ours = await load({ url: `${url}${path}`, connections: 32, headers: { cookie } });
    const theirs = await load({ url: `${bareUrl}${barePath}`, connections: 32 });
    measured[name] = {
      ...ours,
      bareFastifyPerSecond: theirs.perSecond,
      ofBareFastify: round(ours.perSecond / theirs.perSecond),
    };
  }
  await plain.close();
  rows.close();
  return measured;
})();

await running.stop();

// The event store alone, and the read models alone, on a node of this process's own.
const config = configOf({ DATA_DIR: join(dataDir, 'second') });
const node = await eventStoreOf(config);
const bare = new EsdbEventStore(node.connectionString, codecOf([appended]));
const appending = async (concurrency) => {
  // A type that nobody subscribes to: the measure is the store's own.
  const event = { ...appended({ clientCode: 'B000000000000', name: 'Example Bridge Construction Co.' }), metadata: {} };
  const until = performance.now() + SECONDS * 1000;
  let count = 0;
  const one = async () => {
    while (performance.now() < until) {
      await bare.append(`bench-${randomUUID()}`, -1, [{ ...event, id: randomUUID() }]);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, one));
  return { perSecond: round(count / SECONDS) };
};
for (const concurrency of CONCURRENCIES) {
  appends[concurrency] = await appending(concurrency);
  commands[concurrency].ofAppends = round(commands[concurrency].perSecond / appends[concurrency].perSecond);
}
const service = await startService({
  config,
  eventStoreUrl: node.connectionString,
  clock: systemClock,
  log: logOf('silent'),
});
made = 0;
const rebuild = await (async () => {
  for (; made < REBUILD_EVENTS;) {
    const metadata = {
      $causationId: randomUUID(),
      $correlationId: 'b',
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
    };
    const batch = Array.from({ length: 100 }, () => nextCode());
    await Promise.all(
      batch.map((clientCode) =>
        service.events.append(`clientCompany-${clientCode}`, -1, [
          {
            type: 'client-portal.ClientCompanyRegistered',
            data: { clientCode, name: 'Example' },
            id: randomUUID(),
            metadata,
          },
        ]),
      ),
    );
  }
  await service.projector.rebuild('client-portal');
  const begin = performance.now();
  await service.projector.rebuild('client-portal');
  const perSecond = Math.round(made / ((performance.now() - begin) / 1000));
  const { DatabaseSync } = await import('node:sqlite');
  const raw = new DatabaseSync(join(dataDir, 'raw.sqlite'));
  raw.exec('PRAGMA journal_mode = WAL; create table t(client_code text primary key, name text, updated_at text)');
  const insert = raw.prepare('insert into t values (?, ?, ?)');
  const rawBegin = performance.now();
  for (let n = 0; n < made; n += 500) {
    raw.exec('begin');
    for (let i = n; i < Math.min(n + 500, made); i += 1) insert.run(`B${i}`, 'Example', '2026');
    raw.exec('commit');
  }
  const rawPerSecond = Math.round(made / ((performance.now() - rawBegin) / 1000));
  raw.close();
  return { events: made, perSecond, rawInsertsPerSecond: rawPerSecond };
})();

await bare.close();
await service.stop();
await node.stop();
rmSync(dataDir, { recursive: true, force: true });
const figures = { start, commands, appends, reads, rebuild };
console.log(process.argv.includes('--json') ? JSON.stringify(figures) : JSON.stringify(figures, null, 2));
process.exit(0);
