import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { issuer, signingAuthority } from './issuing.js';
import { listFigures } from './lists.js';
import { longestBlockOf, type Block } from '../../kit/longest-block.js';
import { rounded, samplesOf, workRateOf, type WorkRate } from './measure.js';
import { overHttp, requestFor, responderOf } from './ocsp.js';
import { opensslSpeed } from './openssl-speed.js';
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

const measure = async (folder: string): Promise<object> => {
  const speed = await opensslSpeed(seconds);
  say(`openssl speed, signatures per second on one core: ${JSON.stringify(speed)}`);
  const p256 = await issuing(folder, 'p-256');
  const rsa3072 = await issuing(folder, 'rsa-3072');
  const authority = await signingAuthority(join(folder, 'p-256-ocsp'), 'p-256');
  const answer = responderOf(authority);
  const request = requestFor(authority, await (await issuer(authority))());
  for (let warm = 0; warm < 2000; warm++) await answer(request, new Date());
  const inProcess = await measured(
    'OCSP in process',
    () => samplesOf(LANES, seconds, () => answer(request, new Date())),
    workRateOf,
  );
  const http = await measured(
    'OCSP over HTTP',
    () => overHttp(answer, request, seconds),
    (rate) => rate,
  );
  const secrets = await secretFigures(authority);
  say(`PIN and .pfx: ${JSON.stringify(secrets)}`);
  const list = await listFigures(authority);
  say(`revocation list: ${JSON.stringify(list)}`);
  const blocks: Record<string, Block> = {
    'issue under P-256': p256.block,
    'issue under RSA-3072': rsa3072.block,
    'OCSP in process': inProcess.block,
    'OCSP over HTTP': http.block,
    'PIN seals, several at once': secrets.blocks.seal,
    '.pfx files, several at once': secrets.blocks.pfx,
    'revocation list': list.block,
  };
  const longest = (kind: keyof Block): number => Math.max(...Object.values(blocks).map((block) => block[kind]));
  const ratio = (part: number, whole: number): number => rounded(part / whole);
  return {
    machine: { cores: cpus().length, node: process.version, loadBefore },
    opensslSpeed: speed,
    issue: { 'P-256': p256.figure, 'RSA-3072': rsa3072.figure },
    ocsp: { inProcess: inProcess.figure, http: http.figure },
    pin: { sealMs: secrets.sealMs, openMs: secrets.openMs },
    pfxMs: secrets.pfxMs,
    revocationList: list,
    longestBlocks: blocks,
    ratios: {
      'issue per second / 500 (target 1)': ratio(p256.figure.perSecond, ISSUE_MIN),
      'issue per second of processor time / 500': ratio(p256.figure.perCpuSecond, ISSUE_MIN),
      'issue per second under RSA-3072 / openssl speed': ratio(rsa3072.figure.perSecond, speed.rsa3072),
      'OCSP over HTTP per second / 5,000 (target 1)': ratio(http.figure.perSecond, OCSP_MIN),
      'OCSP in process per second / openssl speed': ratio(inProcess.figure.perSecond, speed.p256),
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
