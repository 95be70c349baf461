import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { describeWhen } from '../../../test/kit/describe-when.js';
import { hasTool, runTool } from '../../../test/kit/outside-tools.js';
import { ownFolder } from '../../../test/kit/own-folder.js';
import {
  COMPANY,
  memoryRegister,
  newHierarchy,
  ORGANIZATION,
  writePem,
  type MemoryRegister,
} from '../../../test/kit/pki.js';
import { serialOf } from '../authorities/authority.js';
import type { Hierarchy } from '../authorities/hierarchies.js';
import { extension } from '../certificates/extensions.js';
import { issue } from '../certificates/issue.js';
import { children, elementAt, type Element } from '../der/decode.js';
import { explicit, octetString, sequence } from '../der/encode.js';
import { newKeyPair } from '../keys/key-kinds.js';
import { OCSP } from '../object-ids.js';
import { PROFILES } from '../profiles/catalogue.js';
import { termOf } from '../profiles/term.js';
import type { AnswerOcsp, CertificateStatus } from './answer.js';
import { answerOverHttp, type HttpQuestion } from './over-http.js';
import { rotatingResponder } from './rotating-responder.js';

const folder = ownFolder();
const now = new Date();
const later = (at: Date, ms: number): Date => new Date(at.getTime() + ms);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const hasOpenssl = hasTool('openssl', 'version');

let signing: Hierarchy;
let register: MemoryRegister;
let answer: AnswerOcsp;
let statuses: Map<string, CertificateStatus>;
let faults: unknown[];
let certificate: Buffer;
const files: Record<string, string> = {};

const responder = (statusOf = (serial: string): CertificateStatus => statuses.get(serial) ?? { kind: 'unknown' }) =>
  rotatingResponder({
    authority: signing.issuing,
    subject: [
      ['country', 'JP'],
      ['organization', ORGANIZATION],
      ['commonName', 'OCSP'],
    ],
    register,
    statusOf,
    onFault: (error) => faults.push(error),
  });

beforeAll(async () => {
  signing = await newHierarchy('signing', folder, now);
  const { spki } = await newKeyPair('p-256');
  certificate = await issue(
    signing.issuing,
    {
      issuanceId: 'holder',
      profile: PROFILES['personal-signing'],
      subject: [
        ['country', 'JP'],
        ['organization', COMPANY],
        ['commonName', 'BN-Mihon.Taro'],
      ],
      spki,
      validity: termOf(now, 1),
    },
    memoryRegister(),
    now,
  );
  files['root'] = writePem(folder, 'root.pem', 'CERTIFICATE', signing.root.certificate);
  files['issuing'] = writePem(folder, 'issuing.pem', 'CERTIFICATE', signing.issuing.certificate);
  files['holder'] = writePem(folder, 'holder.pem', 'CERTIFICATE', certificate);
});

beforeEach(() => {
  register = memoryRegister();
  faults = [];
  statuses = new Map([[serialOf(certificate), { kind: 'good' }]]);
  answer = responder();
});

const revokedAt = (effectiveAt: Date): void =>
  void statuses.set(serialOf(certificate), { kind: 'revoked', effectiveAt, reason: 'keyCompromise' });

const requestOf = async (...options: readonly string[]): Promise<Buffer> => {
  const path = join(folder, `${options.join('')}.req`.replaceAll(/[^a-z0-9.]/g, '_'));
  const args = ['ocsp', '-issuer', files['issuing']!, '-cert', files['holder']!, ...options, '-reqout', path];
  expect(await runTool('openssl', args)).toMatchObject({ ok: true });
  return readFileSync(path);
};

/** [produced, status tag, this update, next update] of an answer about one certificate. */
const readAnswer = (
  body: Buffer,
): { produced: string; tag: number; revoked: string; dates: string[]; certificate: Buffer } => {
  const inside = (element: Element | undefined): Element[] => children(element!);
  const [, bytes] = inside(elementAt(body));
  const [basic] = inside(bytes);
  const octets = inside(basic)[1]!;
  const [data, , , chain] = inside(elementAt(octets.content));
  const [, produced, responses] = inside(data);
  const [, status, thisUpdate, nextUpdate] = inside(inside(responses)[0]);
  const revoked = status!.tag === 0xa1 ? inside(status)[0]!.content.toString() : '';
  const [own] = inside(inside(chain)[0]);
  return {
    produced: produced!.content.toString(),
    tag: status!.tag,
    revoked,
    dates: [thisUpdate!.content.toString(), inside(nextUpdate)[0]!.content.toString()],
    certificate: own!.raw,
  };
};
const hashesIn = (request: Buffer): [name: Buffer, key: Buffer] => {
  const inside = (element: Element | undefined): Element[] => children(element!);
  const [, name, key] = inside(inside(inside(inside(inside(elementAt(request))[0])[0])[0])[0]);
  return [name!.content, key!.content];
};
const GOOD = 0x80;
const REVOKED = 0xa1;
const UNKNOWN = 0x82;
const spelled = (at: Date): string => `${at.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`;

describeWhen(hasOpenssl, 'an OCSP answer', () => {
  let request: Buffer;
  let withNonce: Buffer;
  beforeAll(async () => {
    request = await requestOf('-no_nonce');
    withNonce = await requestOf('-nonce');
  });

  it('is good, revoked or unknown, and dated to the second at hand', async () => {
    const good = readAnswer((await answer(request, now)).body);
    expect([good.tag, good.produced, good.dates]).toEqual([
      GOOD,
      spelled(now),
      [spelled(now), spelled(later(now, HOUR_MS))],
    ]);
    revokedAt(later(now, -5000));
    const revoked = readAnswer((await answer(request, now)).body);
    expect([revoked.tag, revoked.revoked]).toEqual([REVOKED, spelled(later(now, -5000))]);
    statuses.clear();
    expect(readAnswer((await answer(request, now)).body).tag).toBe(UNKNOWN);
  });

  it('turns to revoked exactly when the revocation takes effect, and is not kept beyond that', async () => {
    const effectiveAt = later(now, HOUR_MS / 2);
    revokedAt(effectiveAt);
    const before = readAnswer((await answer(request, later(effectiveAt, -1))).body);
    expect([before.tag, before.dates[1]]).toEqual([GOOD, spelled(effectiveAt)]);
    const at = readAnswer((await answer(request, effectiveAt)).body);
    expect(at.tag).toBe(REVOKED);
    // No date of an answer lies after the answer's own.
    expect(at.revoked <= at.produced).toBe(true);
  });

  it('about a certificate of another issuer is unknown', async () => {
    const other = await newHierarchy('client', ownFolder(), now);
    files['other'] = writePem(folder, 'other.pem', 'CERTIFICATE', other.issuing.certificate);
    const path = join(folder, 'other.req');
    await runTool('openssl', [
      'ocsp',
      '-issuer',
      files['other'],
      '-serial',
      `0x${serialOf(certificate)}`,
      '-reqout',
      path,
    ]);
    expect(readAnswer((await answer(readFileSync(path), now)).body).tag).toBe(UNKNOWN);
  });

  it('about another key of the same name, or another name of the same key, is unknown', async () => {
    const [nameHash, keyHash] = hashesIn(request);
    for (const hash of [nameHash, keyHash]) {
      const changed = Buffer.from(request);
      changed[changed.indexOf(hash)]! ^= 1;
      expect(readAnswer((await answer(changed, now)).body).tag).toBe(UNKNOWN);
    }
  });

  it('is given about as many as sixteen certificates at once, and never about none', async () => {
    const [single] = children(children(children(elementAt(request))[0]!)[0]!);
    const about = (count: number): Buffer => sequence(sequence(sequence(...Array<Buffer>(count).fill(single!.raw))));
    expect((await answer(about(16), now)).body.length).toBeGreaterThan(1000);
    for (const count of [0, 17]) expect((await answer(about(count), now)).body.length).toBeLessThan(10);
  });

  it('repeats a nonce of 1 to 128 bytes and refuses others', async () => {
    const [list] = children(children(elementAt(request))[0]!);
    const asking = (bytes: number): Buffer => {
      const nonce = extension(OCSP.nonce, octetString(Buffer.alloc(bytes, 0xab)));
      return sequence(sequence(list!.raw, explicit(2, sequence(nonce))));
    };
    for (const bytes of [1, 32, 128]) {
      const { body } = await answer(asking(bytes), now);
      expect(body.includes(octetString(Buffer.alloc(bytes, 0xab)))).toBe(true);
    }
    for (const bytes of [0, 129]) expect((await answer(asking(bytes), now)).body.length).toBeLessThan(10);
  });

  it('may be kept by others unless it was made for one asker', async () => {
    const plain = (await answer(request, now)).reusable;
    expect(plain?.nextUpdate).toEqual(later(now, HOUR_MS));
    expect((await answer(withNonce, now)).reusable).toBeUndefined();
  });

  it('to a changed request is an answer, never a fault and never "good" for another serial', async () => {
    statuses = new Map([[serialOf(certificate), { kind: 'good' }]]);
    const asked: string[] = [];
    const watched = responder((serial) => {
      asked.push(serial);
      return statuses.get(serial) ?? { kind: 'unknown' };
    });
    const mutation = fc.tuple(fc.nat(withNonce.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { maxLength: 4 }), fc.nat(withNonce.length), async (mutations, length) => {
        const changed = Buffer.from(withNonce.subarray(0, length % 3 === 0 ? length : withNonce.length));
        for (const [index, value] of mutations) if (index < changed.length) changed[index] = value;
        asked.length = 0;
        const { body } = await watched(changed, now);
        const isFailure = body.length < 10;
        if (!isFailure && readAnswer(body).tag === GOOD) expect(asked).toContain(serialOf(certificate));
      }),
      { numRuns: 500 },
    );
    expect(faults).toEqual([]);
  });

  it('to what is no request says so, and keeps quiet about faults of its own', async () => {
    const failure = async (bytes: Buffer, by = answer): Promise<string> => (await by(bytes, now)).body.toString('hex');
    const MALFORMED = '30030a0101';
    expect(await failure(Buffer.alloc(0))).toBe(MALFORMED);
    expect(await failure(Buffer.concat([request, Buffer.alloc(1)]))).toBe(MALFORMED);
    expect(await failure(Buffer.alloc(5000, 0x30))).toBe(MALFORMED);
    const broken = responder(() => {
      throw new Error('the register is down');
    });
    expect(await failure(request, broken)).toBe('30030a0102');
    expect(faults).toEqual([new Error('the register is down')]);
  });
});

describeWhen(hasOpenssl, 'the responder', () => {
  const usedBy = async (by: AnswerOcsp, at: Date): Promise<X509Certificate> =>
    new X509Certificate(readAnswer((await by(await requestOf('-no_nonce'), at)).body).certificate);

  it('answers under a short-lived key of its own, renewed before its end', async () => {
    const first = await usedBy(answer, now);
    expect(first.checkIssued(new X509Certificate(signing.issuing.certificate))).toBe(true);
    expect(first.validToDate.getTime() - now.getTime()).toBeLessThanOrEqual(7 * DAY_MS);
    expect((await usedBy(answer, later(first.validToDate, -2 * DAY_MS - 1))).serialNumber).toBe(first.serialNumber);
    const due = later(first.validToDate, -2 * DAY_MS);
    await usedBy(answer, due);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await usedBy(answer, due)).serialNumber).not.toBe(first.serialNumber);
  });

  it('never answers under an expired certificate, even after a long silence', async () => {
    const first = await usedBy(answer, now);
    const after = later(first.validToDate, DAY_MS);
    const second = await usedBy(answer, after);
    expect(second.serialNumber).not.toBe(first.serialNumber);
    expect(second.validToDate > after).toBe(true);
  });

  it('asks to try later while it can get no certificate, and tries itself again after a minute', async () => {
    const request = await requestOf('-no_nonce');
    const working = register;
    let isDown = true;
    const keep: MemoryRegister['keep'] = (...args) =>
      isDown ? Promise.reject(new Error('down')) : working.keep(...args);
    register = { ...working, keep };
    const early = responder();
    const TRY_LATER = '30030a0103';
    expect((await early(request, now)).body.toString('hex')).toBe(TRY_LATER);
    isDown = false;
    expect((await early(request, later(now, 59_999))).body.toString('hex')).toBe(TRY_LATER);
    expect(readAnswer((await early(request, later(now, 60_000))).body).tag).toBe(GOOD);
    expect(faults).toEqual([new Error('down')]);
  });

  it('goes on answering when a renewal fails, until its certificate ends', async () => {
    const working = register;
    let isDown = false;
    const kept: MemoryRegister['kept'] = (...args) =>
      isDown ? Promise.reject(new Error('down')) : working.kept(...args);
    register = { ...working, kept };
    const steady = responder();
    const first = await usedBy(steady, now);
    isDown = true;
    for (const at of [later(first.validToDate, -DAY_MS), first.validToDate]) {
      expect((await usedBy(steady, at)).serialNumber).toBe(first.serialNumber);
    }
    expect(faults.length).toBeGreaterThan(0);
    const last = await steady(await requestOf('-no_nonce'), later(first.validToDate, -60_000));
    expect(readAnswer(last.body).dates[1]).toBe(spelled(first.validToDate));
    const request = await requestOf('-no_nonce');
    expect((await steady(request, later(first.validToDate, 1))).body.length).toBeLessThan(10);
  });

  it('makes one key for all who ask at once', async () => {
    const request = await requestOf('-no_nonce');
    await Promise.all(Array.from({ length: 20 }, () => answer(request, now)));
    expect(register.serials.size).toBe(1);
  });
});

describeWhen(hasOpenssl, 'OCSP over HTTP', () => {
  const ask = async (change: Partial<HttpQuestion>) =>
    answerOverHttp(
      {
        method: 'POST',
        rest: '',
        contentType: 'application/ocsp-request',
        body: await requestOf('-no_nonce'),
        ...change,
      },
      answer,
      now,
    );

  it('answers POST and GET alike; only GET may be cached', async () => {
    const rest = `/${encodeURIComponent((await requestOf('-no_nonce')).toString('base64'))}`;
    const post = await ask({});
    const get = await ask({ method: 'GET', rest, body: Buffer.alloc(0), contentType: undefined });
    for (const { status, headers, body } of [post, get]) {
      expect([status, headers['content-type'], readAnswer(body).tag]).toEqual([200, 'application/ocsp-response', GOOD]);
    }
    expect(post.headers['cache-control']).toBe('no-store');
    expect(get.headers['cache-control']).toBe('max-age=3600, public, no-transform, must-revalidate');
    expect(get.headers['last-modified']).toBe(new Date(Math.floor(now.getTime() / 1000) * 1000).toUTCString());
    expect(get.headers['expires']).toBe(later(now, HOUR_MS).toUTCString());
    expect(get.headers['etag']).toMatch(/^"[\w-]{43}"$/);
  });

  it('reads base64 that was not percent-encoded, and answers HEAD without a body', async () => {
    const rest = `/${(await requestOf('-no_nonce')).toString('base64')}`;
    expect(readAnswer((await ask({ method: 'GET', rest })).body).tag).toBe(GOOD);
    const head = await ask({ method: 'HEAD', rest });
    expect([head.status, head.body.length]).toEqual([200, 0]);
    expect(Number(head.headers['content-length'])).toBeGreaterThan(100);
  });

  it('never lets an answer with a nonce or a failure be cached', async () => {
    const nonce = `/${encodeURIComponent((await requestOf('-nonce')).toString('base64'))}`;
    for (const rest of [nonce, '/', '/%', '/%%%', '/abc']) {
      const { status, headers } = await ask({ method: 'GET', rest });
      expect([rest, status, headers['cache-control']]).toEqual([rest, 200, 'no-store']);
    }
  });

  it('refuses other methods, other content and too much of it', async () => {
    expect((await ask({ method: 'PUT' })).status).toBe(405);
    expect((await ask({ contentType: 'text/plain' })).status).toBe(415);
    expect((await ask({ body: Buffer.alloc(5000) })).status).toBe(413);
    expect((await ask({ method: 'GET', rest: `/${'A'.repeat(20_000)}` })).status).toBe(413);
  });
});

describeWhen(hasOpenssl, 'openssl as an OCSP client', () => {
  let server: Server;
  let url: string;
  beforeAll(async () => {
    server = createServer((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const question = {
          method: incoming.method ?? '',
          rest: incoming.url ?? '',
          contentType: incoming.headers['content-type'],
          body: Buffer.concat(chunks),
        };
        void answerOverHttp(question, answer, new Date()).then(({ status, headers, body }) => {
          outgoing.writeHead(status, headers).end(body);
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => void server.close());

  const client = (...options: readonly string[]) =>
    runTool('openssl', [
      ...['ocsp', '-CAfile', files['root']!, '-verify_other', files['issuing']!, '-issuer', files['issuing']!],
      ...['-cert', files['holder']!, '-url', url, ...options],
    ]);

  it.each([['-nonce'], ['-no_nonce']])('accepts a good answer (%s)', async (option) => {
    const { output } = await client(option);
    expect(output).toContain('Response verify OK');
    expect(output).toMatch(/holder\.pem: good/);
    expect(output).not.toContain('WARNING');
  });

  it('accepts the SHA-256 form of a certificate id', async () => {
    const { output } = await runTool('openssl', [
      ...[
        'ocsp',
        '-sha256',
        '-CAfile',
        files['root']!,
        '-verify_other',
        files['issuing']!,
        '-issuer',
        files['issuing']!,
      ],
      ...['-cert', files['holder']!, '-url', url],
    ]);
    expect(output).toMatch(/holder\.pem: good/);
  });

  it('reads a revocation and its reason', async () => {
    revokedAt(later(new Date(), -60_000));
    const { output } = await client();
    expect(output).toContain('Response verify OK');
    expect(output).toMatch(/holder\.pem: revoked[^]*Reason: keyCompromise/);
  });

  it('reads that a certificate is unknown', async () => {
    statuses.clear();
    expect((await client()).output).toMatch(/holder\.pem: unknown/);
  });
});
