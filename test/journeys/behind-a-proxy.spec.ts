import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../kit/eventually.js';
import { type RunningService, startForTests } from '../kit/service.js';

const PROXY = '192.0.2.1';
let running: RunningService;
beforeAll(async () => {
  running = await startForTests({
    TRUST_PROXY: `${PROXY}, 10.0.0.0/8`,
    PUBLIC_URL: 'https://portal.example.com',
    LOGIN_RATE_LIMIT_PER_MINUTE: '3',
  });
});
afterAll(() => running.stop());

const wrong = (userId: string) => ({ clientCode: 'C00123', userId, password: 'Wrong#2026' });
const tried = async (forwarded: string | null, userId = 'kanri01', from = PROXY) =>
  (
    await running
      .browser(from)
      .post(
        'client-portal/sessions',
        wrong(userId),
        forwarded === null ? {} : { headers: { 'x-forwarded-for': forwarded } },
      )
  ).status;
const addressOf = async (userId: string): Promise<string> => {
  const staff = await running.staff();
  const [line] = await eventually(
    async () => (await staff.get(`back-office/history?target=${userId}`)).body.items as { clientAddress: string }[],
    (lines) => lines.length > 0,
  );
  return line!.clientAddress;
};

describe('behind a proxy', () => {
  it('a guesser is held back by the address that the proxy saw, whatever stands before it', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 4; n += 1) statuses.push(await tried(`198.51.100.${n}, 203.0.113.9`));
    expect(statuses).toEqual([401, 401, 401, 429]);
    expect(await tried('198.51.100.1, 203.0.113.10')).toBe(401);
  });

  it('several hops of its own are believed, one after the other', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 4; n += 1)
      statuses.push(await tried(`203.0.113.${100 + n}, 203.0.113.20, 10.1.2.${n}`, 'kanri02'));
    expect(statuses).toEqual([401, 401, 401, 429]);
  });

  it('nobody else is believed', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 4; n += 1) statuses.push(await tried(`203.0.113.${n}`, 'kanri03', '198.51.100.77'));
    expect(statuses).toEqual([401, 401, 401, 429]);
  });

  it('the history tells where somebody came from, and nothing that is no address', async () => {
    await tried('198.51.100.1, 203.0.113.30', 'nobody30');
    await tried('198.51.100.1, somewhere', 'nobody31');
    expect(await addressOf('nobody30')).toBe('203.0.113.30');
    expect(await addressOf('nobody31')).toBe(PROXY);
  });

  it('cookies stay on TLS, also where the proxy does not say that it was used', async () => {
    const { headers } = await running.browser('203.0.113.40').post('back-office/sessions', running.first);
    const cookies = headers['set-cookie'] as string[];
    expect(cookies).toHaveLength(2);
    for (const cookie of cookies) expect(cookie).toMatch(/; Secure/);
  });
});
