import { beforeAll, beforeEach, expect, it } from '@jest/globals';
import { describeWhen } from '../../../test/kit/describe-when.js';
import { GOOD, readAnswer, OcspDesk } from '../../../test/kit/ocsp.js';
import { hasTool } from '../../../test/kit/outside-tools.js';
import { ownFolder } from '../../../test/kit/own-folder.js';
import { answerOverHttp, type HttpQuestion } from './over-http.js';

const hasOpenssl = hasTool('openssl', 'version');
const now = new Date();
let desk: OcspDesk;
beforeAll(async () => {
  desk = await OcspDesk.open(ownFolder(), now);
});
beforeEach(() => desk.reset());
const later = (at: Date, ms: number): Date => new Date(at.getTime() + ms);
const HOUR_MS = 3_600_000;

describeWhen(hasOpenssl, 'OCSP over HTTP', () => {
  const ask = async (change: Partial<HttpQuestion>) =>
    answerOverHttp(
      {
        method: 'POST',
        rest: '',
        contentType: 'application/ocsp-request',
        body: await desk.requestOf('-no_nonce'),
        ...change,
      },
      desk.answer,
      now,
    );

  it('answers POST and GET alike; only GET may be cached', async () => {
    const rest = `/${encodeURIComponent((await desk.requestOf('-no_nonce')).toString('base64'))}`;
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
    const rest = `/${(await desk.requestOf('-no_nonce')).toString('base64')}`;
    expect(readAnswer((await ask({ method: 'GET', rest })).body).tag).toBe(GOOD);
    const head = await ask({ method: 'HEAD', rest });
    expect([head.status, head.body.length]).toEqual([200, 0]);
    expect(Number(head.headers['content-length'])).toBeGreaterThan(100);
  });

  it('never lets an answer with a nonce or a failure be cached', async () => {
    const nonce = `/${encodeURIComponent((await desk.requestOf('-nonce')).toString('base64'))}`;
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
