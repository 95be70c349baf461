import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { requestFor } from '../kit/ocsp-request.js';
import { GOOD, readAnswer, UNKNOWN } from '../kit/ocsp.js';
import { type RunningService, startForTests } from '../kit/service.js';

/** Of the protocol (RFC 6960 §4.2.1), with HTTP's 200: its clients read nothing else. */
const TRY_LATER = '30030a0103';
const SHARE = 5;
const LISTS = 40;
const MINUTE = '1m';

let running: RunningService;
let url: string;
let port: number;
let root: Buffer;
let issuing: Buffer;

beforeAll(async () => {
  running = await startForTests({
    OCSP_SIGNATURES_PER_MINUTE: String(SHARE),
    RATE_LIMIT_PER_MINUTE: String(LISTS),
    TRUST_PROXY: '127.0.0.1',
  });
  await running.service.app.listen(0, '127.0.0.1');
  url = `${await running.service.app.getUrl()}/pki`;
  port = Number(new URL(url).port);
  root = await bytesOf('/certificates/signing-root.cer', '192.0.2.250');
  issuing = await bytesOf('/certificates/signing.cer', '192.0.2.250');
}, 120_000);
afterAll(() => running.stop());

const get = (path: string, from: string, headers: Record<string, string> = {}) =>
  fetch(url + path, { headers: { 'x-forwarded-for': from, ...headers } });
const bytesOf = async (path: string, from: string) => Buffer.from(await (await get(path, from)).arrayBuffer());
const ask = async (body: Buffer, from: string) => {
  const headers = { 'content-type': 'application/ocsp-request', 'x-forwarded-for': from };
  const answer = await fetch(`${url}/ocsp/signing-root`, { method: 'POST', body: new Uint8Array(body), headers });
  return { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) };
};
const about = (nonce?: Buffer) => requestFor(root, issuing, nonce);
const toldToComeLater = async (body: Buffer, from: string) =>
  (await ask(body, from)).body.toString('hex') === TRY_LATER;

describe('status answers for strangers', () => {
  it('with a nonce are given so many times a minute to an address, then the protocol says to come later', async () => {
    for (let index = 0; index < SHARE; index += 1)
      expect(readAnswer((await ask(about(randomBytes(16)), '192.0.2.1')).body).tag).toBe(GOOD);
    const { status, headers, body } = await ask(about(randomBytes(16)), '192.0.2.1');
    expect([status, body.toString('hex'), headers.get('cache-control')]).toEqual([200, TRY_LATER, 'no-store']);
    const { body: metrics } = await running.browser().get('/metrics');
    expect(metrics).toContain('shomei_status_try_later_total{authority="signing-root"} 1');
    // Nobody else pays for it, and what was signed for everybody stays free.
    expect(await toldToComeLater(about(randomBytes(16)), '192.0.2.2')).toBe(false);
    expect(readAnswer((await ask(about(), '192.0.2.1')).body).tag).toBe(GOOD);
    await running.clock.advance(MINUTE);
    expect(await toldToComeLater(about(randomBytes(16)), '192.0.2.1')).toBe(false);
  });

  it('about serials that nobody knows count as well, for there is no end of them', async () => {
    const told: boolean[] = [];
    for (let index = 0; index <= SHARE; index += 1) {
      const unknown = requestFor(root, issuing, undefined, Buffer.concat([Buffer.of(1), randomBytes(15)]));
      const { body } = await ask(unknown, '192.0.2.3');
      told.push(body.toString('hex') === TRY_LATER);
      if (index < SHARE) expect(readAnswer(body).tag).toBe(UNKNOWN);
    }
    expect(told).toEqual([...Array<boolean>(SHARE).fill(false), true]);
  });

  it('count for a whole IPv6 network, whose owner has no end of addresses', async () => {
    for (let index = 0; index < SHARE; index += 1)
      expect(await toldToComeLater(about(randomBytes(16)), `2001:db8:1:2::${index}`)).toBe(false);
    expect(await toldToComeLater(about(randomBytes(16)), '2001:db8:1:2:9:9:9:9')).toBe(true);
    expect(await toldToComeLater(about(randomBytes(16)), '2001:db8:1:3::1')).toBe(false);
  });

  it('without a nonce are the same for everybody, however the question is dressed', async () => {
    const plain = await ask(about(), '192.0.2.4');
    expect((await ask(about(), '192.0.2.5')).body).toEqual(plain.body);
    const base64 = about().toString('base64');
    expect(await bytesOf(`/ocsp/signing-root/${encodeURIComponent(base64)}`, '192.0.2.6')).toEqual(plain.body);
  });
});

describe('lists and certificates for strangers', () => {
  it('come so many times a minute to an address', async () => {
    for (let index = 0; index < LISTS; index += 1)
      expect((await get('/crl/signing-root.crl', '192.0.2.10')).status).toBe(200);
    const refused = await get('/crl/signing-root.crl', '192.0.2.10');
    expect([refused.status, Number(refused.headers.get('retry-after')) <= 60]).toEqual([429, true]);
    expect((await get('/crl/signing-root.crl', '192.0.2.11')).status).toBe(200);
  });

  it('are not sent to whoever has them, by mark or by date', async () => {
    const { headers } = await get('/crl/signing-root.crl', '192.0.2.12');
    const [etag, modified] = [headers.get('etag')!, headers.get('last-modified')!];
    const statusWith = async (asked: Record<string, string>) =>
      (await get('/crl/signing-root.crl', '192.0.2.12', asked)).status;
    const earlier = new Date(Date.parse(modified) - 1000).toUTCString();
    expect(await statusWith({ 'if-none-match': etag })).toBe(304);
    expect(await statusWith({ 'if-none-match': `"other", W/${etag}` })).toBe(304);
    expect(await statusWith({ 'if-none-match': '"other"' })).toBe(200);
    expect(await statusWith({ 'if-modified-since': modified })).toBe(304);
    expect(await statusWith({ 'if-modified-since': earlier })).toBe(200);
    // A mark counts more than a date.
    expect(await statusWith({ 'if-none-match': '"other"', 'if-modified-since': modified })).toBe(200);
  });
});

describe('a question that does not end', () => {
  const HEAD = 'POST /pki/ocsp/signing-root HTTP/1.1\r\nHost: x\r\nContent-Type: application/ocsp-request\r\n';

  it.each([
    ['says that it is too long', `${HEAD}Content-Length: 5000\r\n\r\n`],
    ['goes on in pieces', `${HEAD}Transfer-Encoding: chunked\r\n\r\n1388\r\n${'x'.repeat(5000)}\r\n`],
  ])('and %s is refused at once, and its connection ends', async (_, sent) => {
    const socket = connect(port, '127.0.0.1');
    let received = '';
    socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
    socket.write(sent);
    await once(socket, 'close');
    expect(received).toMatch(/^HTTP\/1\.1 413 /);
  });
});
