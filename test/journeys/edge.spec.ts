import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningService, startForTests } from '../kit/service.js';

let running: RunningService;
beforeAll(async () => {
  running = await startForTests({ LOGIN_RATE_LIMIT_PER_MINUTE: '3' });
});
afterAll(() => running.stop());

const wrong = { clientCode: 'C00123', userId: 'kanri01', password: 'Wrong#2026' };

describe('the edge', () => {
  it('holds back who guesses, by address, and says when to come back', async () => {
    const guesser = running.browser('198.51.100.1');
    const statuses: number[] = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await guesser.post('client-portal/sessions', wrong)).status);
    const held = await guesser.post('client-portal/sessions', wrong);
    expect([...statuses, held.status]).toEqual([401, 401, 401, 429]);
    expect(held.body).toMatchObject({ code: 'TOO_MANY_TRIES' });
    expect(Number(held.headers['retry-after'])).toBeGreaterThan(0);
    expect((await guesser.get('client-portal/home')).status).toBe(200);
    expect((await running.browser('198.51.100.2').post('client-portal/sessions', wrong)).status).toBe(401);
  });

  it('puts its headers on everything, also on refusals, and answers with the correlation id it was given', async () => {
    const correlationId = '3f0c1ad2-0d8e-4c55-9d0e-0a8f5f2d7b10';
    const { headers, body } = await running
      .browser('198.51.100.3')
      .get('client-portal/me', { headers: { 'x-correlation-id': correlationId } });
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-correlation-id': correlationId,
      'cache-control': 'private, no-cache',
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'x-frame-options': 'DENY',
      'content-type': 'application/problem+json; charset=utf-8',
    });
    expect(body.correlationId).toBe(correlationId);
  });

  it.each(['/docs', '/mailbox'])('puts on a page what rules pages: %s', async (url) => {
    const { headers } = await running.service.app.inject({ url, remoteAddress: '127.0.0.1' });
    expect(headers).toMatchObject({
      'content-type': expect.stringContaining('text/html'),
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      ...{ 'cross-origin-opener-policy': 'same-origin', 'referrer-policy': 'no-referrer', 'x-xss-protection': '0' },
      ...{ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' },
    });
  });

  it.each(['a\u0000b', 'a\u0007b', 'a\nb', 'a\u202eb'])('takes no character that nobody sees: %j', async (userId) => {
    const { status, body } = await running
      .browser(`198.51.100.${50 + (userId.charCodeAt(1) % 100)}`)
      .post('e-contract/password-resets', { userId });
    expect([status, body.errors?.[0]?.rule]).toEqual([400, 'noControlCharacter']);
  });

  it.each(['client-portal/pages/a%00b', 'client-portal/home?title=a%00b', 'client-portal/home?title=%C2%85'])(
    'takes no address with a control character: %s',
    async (path) => {
      const answer = await running.service.app.inject({ method: 'GET', url: `/api/v1/${path}` });
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([400, 'MALFORMED']);
    },
  );

  it.each([
    ['broken JSON', '{"clientCode":', 'application/json', 400, 'MALFORMED'],
    ['far too much', JSON.stringify({ clientCode: 'x'.repeat(300_000) }), 'application/json', 413, 'TOO_LARGE'],
    ['another format', '<login/>', 'application/xml', 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ])('answers %s in the same form as every refusal', async (_, payload, contentType, status, code) => {
    const sent = running
      .browser('198.51.100.4')
      .post('client-portal/sessions', payload, { headers: { 'content-type': contentType } });
    expect(await sent).toMatchObject({ status, body: { code, status } });
  });

  it.each([
    ['that cannot be read', 'GET', 'client-portal/users/%zz', 400, 'MALFORMED'],
    ['where nothing is', 'GET', 'client-portal/nowhere', 404, 'NOT_FOUND'],
    ['with a part of any length', 'GET', `client-portal/users/${'a'.repeat(2_000)}`, 401, 'NOT_LOGGED_IN'],
    ['by a method for which nothing is there', 'PUT', 'client-portal/users/a', 405, 'METHOD_NOT_ALLOWED'],
  ] as const)('answers an address %s in the same form', async (_, method, path, status, code) => {
    const answer = await running.service.app.inject({ method, url: `/api/v1/${path}` });
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([
      status,
      'application/problem+json; charset=utf-8',
    ]);
    expect(answer.json()).toMatchObject({ code, status, correlationId: expect.any(String) });
    expect(answer.headers['allow']).toBe(status === 405 ? 'DELETE, GET, HEAD, PATCH' : undefined);
  });

  it('walks no body that is nested without end, with a key or without', async () => {
    // As text: what refuses it here would exhaust the stack of whoever wrote it down, too.
    const sent = async (depth: number, more: Record<string, string> = {}) => {
      const { statusCode, body } = await running.service.app.inject({
        method: 'POST',
        url: '/api/v1/e-contract/ticket-purchases/calculation',
        headers: { 'content-type': 'application/json', ...more },
        payload: '{"a":'.repeat(depth) + '1' + '}'.repeat(depth),
      });
      return [statusCode, (JSON.parse(body) as { code: string }).code];
    };
    expect(await sent(5_000)).toEqual([400, 'MALFORMED']);
    expect(await sent(5_000, { 'idempotency-key': 'nested' })).toEqual([400, 'MALFORMED']);
    expect(await sent(33)).toEqual([400, 'MALFORMED']);
    expect(await sent(32)).toEqual([400, 'VALIDATION_FAILED']);
    expect(running.logged()).not.toContain('call stack');
  });

  it('takes no key that is too long to be remembered, and says so', async () => {
    const keyed = (length: number) =>
      running.browser('198.51.100.8').post('client-portal/sessions', wrong, {
        headers: { 'idempotency-key': 'k'.repeat(length) },
      });
    expect((await keyed(200)).status).toBe(401);
    expect(await keyed(201)).toMatchObject({
      status: 400,
      body: { code: 'VALIDATION_FAILED', errors: [{ field: 'Idempotency-Key', rule: 'maxLength', max: 200 }] },
    });
  });

  it('never calls a refusal unchanged', async () => {
    const asked = (headers: Record<string, string>) =>
      running.browser('198.51.100.9').get('client-portal/me', {
        headers: { 'x-correlation-id': '3f0c1ad2-0d8e-4c55-9d0e-0a8f5f2d7b11', ...headers },
      });
    const first = await asked({});
    expect([first.status, first.headers['etag']]).toEqual([401, undefined]);
    const tag = `"${createHash('sha1').update(first.raw).digest('base64')}"`;
    expect((await asked({ 'if-none-match': tag })).status).toBe(401);
    const home = await running.browser('198.51.100.9').get('client-portal/home');
    const again = { headers: { 'if-none-match': home.headers['etag'] as string } };
    expect((await running.browser('198.51.100.9').get('client-portal/home', again)).status).toBe(304);
  });

  it('is live and ready, and counts what happens', async () => {
    const browser = running.browser('198.51.100.5');
    expect((await browser.get('/health/live')).body).toEqual({ status: 'up' });
    expect((await browser.get('/health/ready')).body).toMatchObject({
      status: 'ready',
      checks: {
        ...{ eventStore: null, readModels: null, secrets: null, projections: null },
        ...{ temporal: null, worker: null, followers: null },
      },
    });
    const { body } = await browser.get('/metrics');
    for (const line of [
      'shomei_refusals_total{code="CREDENTIALS_WRONG"}',
      'shomei_command_seconds_count{command="identity.RecordLogin",result="refused"}',
    ]) {
      expect(body).toContain(line);
    }
  });
});
