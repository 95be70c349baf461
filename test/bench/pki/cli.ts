import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startBare } from './bare.js';
import { durableRegister, issuer, signingAuthority } from './issuing.js';
import { listFigures } from './lists.js';
import { longestBlockOf, type Block } from '../../kit/longest-block.js';
import { type Rate, rounded, samplesOf, workRateOf, type WorkRate } from './measure.js';
import { requestFor } from '../../kit/ocsp-request.js';
import { overHttp, responderOf } from './ocsp.js';
import { opensslSpeed } from './openssl-speed.js';
import { startProgram } from './program.js';
import { secretFigures } from './secrets.js';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, seconds: { type: 'string', default: '3' } },
});
const seconds = Number(values.seconds);
const LANES = 8;
const BLOCK_MAX_MS = 50;
const ISSUE_MIN = 500;
const OCSP_MIN = 5000;
const say = (line: string): void => void process.stderr.write(`${line}\n`);

interface Measured<T> {
  readonly figure: T;
  readonly block: Block;
}

const measured = async <T, F>(
  title: string,
  work: () => Promise<T>,
  summedUp: (result: T) => F,
): Promise<Measured<F>> => {
  let result: T | undefined;
  const block = await longestBlockOf(async () => (result = await work()));
  const figure = summedUp(result as T);
  say(`${title}: ${JSON.stringify(figure)}, longest block ${JSON.stringify(block)}`);
  return { figure, block };
};

const issuing = async (folder: string, key: 'p-256' | 'rsa-3072'): Promise<Measured<WorkRate>> => {
  const issueOne = await issuer(await signingAuthority(join(folder, key), key));
  for (let warm = 0; warm < 300; warm++) await issueOne();
  return measured(`issue under ${key}`, () => samplesOf(LANES, seconds, issueOne), workRateOf);
};

/** With the register that the service has: two writes to the disk for each certificate. */
const issuingDurably = async (folder: string): Promise<Measured<WorkRate>> => {
  const { register, close } = await durableRegister(folder);
  const issueOne = await issuer(await signingAuthority(join(folder, 'durable'), 'p-256'), register);
  for (let warm = 0; warm < 300; warm++) await issueOne();
  const figures = await measured('issue, kept in SQLite', () => samplesOf(LANES, seconds, issueOne), workRateOf);
  await close();
  return figures;
};

const answering = async (title: string, work: () => Promise<unknown>): Promise<Measured<WorkRate>> => {
  for (let warm = 0; warm < 2000; warm++) await work();
  return measured(title, () => samplesOf(LANES, seconds, work), workRateOf);
};

/** What the service gave, and what it would give with a core to itself. */
type ServedRate = Rate & { readonly perCpuSecond?: number };
type Server = { readonly port: number; cpuMs(): number | undefined };

const served = async (server: Server, path: string, request: Buffer): Promise<ServedRate> => {
  const before = server.cpuMs();
  const rate = await overHttp({ port: server.port, path }, request, seconds);
  const after = server.cpuMs();
  if (before === undefined || after === undefined) return rate;
  return { ...rate, perCpuSecond: Math.round((rate.perSecond * seconds * 1000) / (after - before)) };
};

const PATH = '/pki/ocsp/signing-root';
const ROUNDS = 3;
const middle = (rates: readonly ServedRate[]): ServedRate =>
  rates.toSorted((one, other) => one.perSecond - other.perSecond)[Math.floor(rates.length / 2)]!;

/**
 * The built service, as people start it: its own server, its own register, its own responder. In turn with it a
 * server that gives the same bytes and does nothing else: what the machine does meanwhile befalls both.
 */
const fromProgram = async (folder: string): Promise<Record<'reused' | 'signed' | 'bare', ServedRate>> => {
  const program = await startProgram(folder);
  const again = requestFor(program.issuer, program.certificate);
  const anew = requestFor(program.issuer, program.certificate, randomBytes(16));
  const answer = await fetch(`http://127.0.0.1:${program.port}${PATH}`, {
    method: 'POST',
    body: new Uint8Array(again),
    headers: { 'content-type': 'application/ocsp-request' },
  });
  const plain = await startBare(Buffer.from(await answer.arrayBuffer()));
  try {
    for (const server of [program, plain]) await overHttp({ port: server.port, path: PATH }, again, 1); // Warm code.
    const [reused, bare]: ServedRate[][] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      reused!.push(await served(program, PATH, again));
      bare!.push(await served(plain, PATH, again));
    }
    const rates = { reused: middle(reused!), signed: await served(program, PATH, anew), bare: middle(bare!) };
    say(`OCSP over HTTP from the running service: ${JSON.stringify(rates)}`);
    return rates;
  } finally {
    plain.stop();
    await program.stop();
  }
};

const measure = async (folder: string): Promise<object> => {
  const speed = await opensslSpeed(seconds);
  say(`openssl speed, signatures per second on one core: ${JSON.stringify(speed)}`);
  const p256 = await issuing(folder, 'p-256');
  const rsa3072 = await issuing(folder, 'rsa-3072');
  const durable = await issuingDurably(folder);
  const authority = await signingAuthority(join(folder, 'p-256-ocsp'), 'p-256');
  const answer = responderOf(authority);
  const certificate = await (await issuer(authority))();
  const asked = requestFor(authority.certificate, certificate, randomBytes(16));
  const inProcess = await answering('OCSP in process, signed for each asker', () => answer(asked, new Date()));
  const question = requestFor(authority.certificate, certificate);
  const reused = await answering('OCSP in process, the same answer again', () => answer(question, new Date()));
  const http = await fromProgram(folder);
  const secrets = await secretFigures(authority);
  say(`PIN and .pfx: ${JSON.stringify(secrets)}`);
  const list = await listFigures(authority);
  say(`revocation list: ${JSON.stringify(list)}`);
  const blocks: Record<string, Block> = {
    'issue under P-256': p256.block,
    'issue under RSA-3072': rsa3072.block,
    'OCSP in process, signed': inProcess.block,
    'OCSP in process, reused': reused.block,
    'PIN seals, several at once': secrets.blocks.seal,
    '.pfx files, several at once': secrets.blocks.pfx,
    'revocation list': list.block,
  };
  const longest = (kind: keyof Block): number => Math.max(...Object.values(blocks).map((block) => block[kind]));
  const ratio = (part: number, whole: number): number => rounded(part / whole);
  return {
    machine: { cores: cpus().length, node: process.version, loadBefore },
    opensslSpeed: speed,
    issue: { 'P-256': p256.figure, 'RSA-3072': rsa3072.figure, 'P-256, kept in SQLite': durable.figure },
    ocsp: { signedInProcess: inProcess.figure, reusedInProcess: reused.figure, http },
    pin: { sealMs: secrets.sealMs, openMs: secrets.openMs },
    pfxMs: secrets.pfxMs,
    revocationList: list,
    longestBlocks: blocks,
    ratios: {
      'issue per second / 500 (target 1)': ratio(p256.figure.perSecond, ISSUE_MIN),
      'issue per second, kept in SQLite / 500': ratio(durable.figure.perSecond, ISSUE_MIN),
      'issue per second of processor time / 500': ratio(p256.figure.perCpuSecond, ISSUE_MIN),
      'issue per second under RSA-3072 / openssl speed': ratio(rsa3072.figure.perSecond, speed.rsa3072),
      'OCSP over HTTP per second / 5,000 (target 1)': ratio(http.reused.perSecond, OCSP_MIN),
      'OCSP over HTTP per second / a bare server with the same bytes': ratio(
        http.reused.perSecond,
        http.bare.perSecond,
      ),
      'OCSP over HTTP per second of processor time / a bare server': ratio(
        http.reused.perCpuSecond ?? Number.NaN,
        http.bare.perCpuSecond ?? Number.NaN,
      ),
      "OCSP over HTTP per second of the service's processor time / 5,000": ratio(
        http.reused.perCpuSecond ?? Number.NaN,
        OCSP_MIN,
      ),
      'OCSP over HTTP, signed for each asker, per second / 5,000': ratio(http.signed.perSecond, OCSP_MIN),
      'OCSP in process, signed for each asker, per second / openssl speed': ratio(
        inProcess.figure.perSecond,
        speed.p256,
      ),
      'longest block / 50 ms (target below 1)': ratio(longest('wallMs'), BLOCK_MAX_MS),
      'longest block of our own work / 50 ms': ratio(longest('ownMs'), BLOCK_MAX_MS),
    },
  };
};

const loadBefore = loadavg().map(rounded);
const folder = mkdtempSync(join(tmpdir(), 'bench-pki-'));
try {
  const result = await measure(folder);
  process.stdout.write(`${JSON.stringify(result, undefined, values.json ? 0 : 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
