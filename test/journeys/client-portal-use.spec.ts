import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from '../kit/browser.js';
import { eventually } from '../kit/eventually.js';
import { type Portal, preparedPortal } from '../kit/portal.js';
import { type RunningService, startForTests } from '../kit/service.js';

let running: RunningService;
let portal: Portal;
let manager: Browser;
let procedureUser: Browser;
let viewUser: Browser;
let lastVersion: number;

const users = 'client-portal/users';
const procedures = (number: string) => `client-portal/cases/${number}/procedures`;
const procedure = { procedure: 'Surveillance application' };

beforeAll(async () => {
  running = await startForTests();
  portal = await preparedPortal(running);
  manager = portal.manager;
  const [p, v] = [await portal.user('procedure.user'), await portal.user('view.user')];
  await manager.post(`${users}/${p}/view-permissions`, { acceptanceNumber: 'R-2026-001' });
  await manager.post(`${users}/${p}/view-permissions`, { acceptanceNumber: 'R-2026-002' });
  await manager.post(`${users}/${v}/view-permissions`, { acceptanceNumber: 'R-2026-001' });
  lastVersion = (await manager.put(`${users}/${p}/procedure-permissions/R-2026-001`, {})).body.version;
  procedureUser = await portal.as('procedure.user');
  viewUser = await portal.as('view.user');
});
afterAll(() => running.stop());

const refusals = async () => {
  const found: string[] = [];
  const feed = running.service.events.feed(null, ['identity.OperationRefused']);
  feed.onCaughtUp(() => setTimeout(() => void feed.stop(), 100));
  for await (const { recorded } of feed.events) {
    if (recorded) found.push(`${recorded.metadata.actor.loginId} ${(recorded.data as { target: string }).target}`);
  }
  return found;
};

describe('procedures', () => {
  it('CN-08 the management account may not do them, and the attempt is recorded', async () => {
    expect(await manager.post(procedures('R-2026-001'), procedure)).toMatchObject({
      status: 403,
      body: { code: 'NOT_PERMITTED' },
    });
    expect(await refusals()).toContain('kanri01 /api/v1/client-portal/cases/R-2026-001/procedures');
  });

  it('CN-25 a view user sees the granted case only, and may do no procedure', async () => {
    const { body } = await viewUser.get(`client-portal/cases?minVersion=${lastVersion}`);
    expect(body.items).toEqual([{ acceptanceNumber: 'R-2026-001', standard: 'Standard A', actions: ['view'] }]);
    expect((await viewUser.get('client-portal/cases/R-2026-002')).status).toBe(404);
    expect((await viewUser.post(procedures('R-2026-001'), procedure)).status).toBe(403);
    expect((await viewUser.post(procedures('R-2026-002'), procedure)).status).toBe(404);
  });

  it('CN-26 the procedure user does them where the box is ticked', async () => {
    const { body } = await procedureUser.get(`client-portal/cases?minVersion=${lastVersion}`);
    expect(body.items.map(({ actions }: { actions: string[] }) => actions)).toEqual([
      ['view', 'submitProcedure'],
      ['view'],
    ]);
    expect(await procedureUser.post(procedures('R-2026-001'), procedure)).toMatchObject({
      status: 201,
      body: { id: expect.any(String) },
    });
    expect(await procedureUser.post(procedures('R-2026-002'), procedure)).toMatchObject({ status: 403 });
    expect((await procedureUser.post(procedures('R-2026-001'), {})).body.errors).toMatchObject([
      { field: 'procedure', rule: 'required' },
    ]);
  });
});

describe('CN-01, CN-02 before the login', () => {
  const PC =
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36';
  const from = (userAgent: string) => ({ headers: { 'user-agent': userAgent } });

  it.each([
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1',
    'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36',
    'Mozilla/5.0 (Linux; Android 14; SM-X710) AppleWebKit/537.36 Chrome/140.0 Safari/537.36',
    'Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Mobile/15E148 Safari/604.1',
  ])('CN-01 %s sees the notice and no form', async (userAgent) => {
    const { body } = await running.browser().get('client-portal/login-page', from(userAgent));
    expect(body).toMatchObject({
      form: null,
      notice: { en: 'This service is for PCs; it cannot be used from a mobile device.' },
    });
  });

  it('CN-02 the link on the right of the home page leads to the login form', async () => {
    const home = await running.browser().get('client-portal/home', from(PC));
    const link = home.body.links.find(({ position }: { position: string }) => position === 'right');
    const { body } = await running.browser().get(link.path, from(PC));
    expect(body.notice).toBeNull();
    expect(body.form.fields.map(({ name }: { name: string }) => name)).toEqual(['clientCode', 'userId', 'password']);
    expect(body.form.action).toEqual({ method: 'POST', path: '/api/v1/client-portal/sessions' });
  });
});

describe('CN-25 material', () => {
  const upload = (number: string, fileName: string, content: string | Buffer) => {
    const query = new URLSearchParams({ fileName, mediaType: 'application/pdf' }).toString();
    const path = `back-office/client-companies/${portal.clientCode}/cases/${number}/materials?${query}`;
    return portal.staff.post(path, content, { headers: { 'content-type': 'application/octet-stream' } });
  };
  const recorded = async () => {
    const events: unknown[] = [];
    const feed = running.service.events.feed(null, ['client-portal.MaterialDownloaded']);
    feed.onCaughtUp(() => setTimeout(() => void feed.stop(), 100));
    for await (const { recorded } of feed.events) events.push(recorded?.data);
    return events;
  };

  it('CN-25 of a granted case is downloaded and recorded; elsewhere it is not there', async () => {
    const { status, body } = await upload('R-2026-001', '審査報告書.pdf', Buffer.from('%PDF sample'));
    expect(status).toBe(201);
    const hidden = (await upload('R-2026-002', 'other.pdf', Buffer.from('%PDF other'))).body;
    const one = await viewUser.get(`client-portal/cases/R-2026-001?minVersion=${hidden.version}`);
    expect(one.body.materials).toMatchObject([{ id: body.id, fileName: '審査報告書.pdf', sizeBytes: 11 }]);
    const file = await viewUser.get(`client-portal/cases/R-2026-001/materials/${body.id}`);
    expect(file).toMatchObject({ status: 200, body: '%PDF sample' });
    expect(file.headers['content-disposition']).toBe(
      `attachment; filename*=UTF-8''${encodeURIComponent('審査報告書.pdf')}`,
    );
    expect(await recorded()).toEqual([
      expect.objectContaining({ userId: 'view.user', acceptanceNumber: 'R-2026-001', materialId: body.id }),
    ]);
    for (const path of [`R-2026-002/materials/${hidden.id}`, `R-2026-001/materials/${hidden.id}`]) {
      expect((await viewUser.get(`client-portal/cases/${path}`)).status).toBe(404);
    }
    expect((await manager.get(`client-portal/cases/R-2026-001/materials/${body.id}`)).status).toBe(403);
    expect(await recorded()).toHaveLength(1);
  });

  it('CN-25 is recorded as often as it is downloaded, and the stream of the company grows by none of it', async () => {
    const { body } = await upload('R-2026-001', 'often.pdf', Buffer.from('%PDF often'));
    await viewUser.get(`client-portal/cases/R-2026-001?minVersion=${body.version}`);
    for (let n = 0; n < 5; n += 1)
      expect((await viewUser.get(`client-portal/cases/R-2026-001/materials/${body.id}`)).status).toBe(200);
    const again = await upload('R-2026-001', 'next.pdf', Buffer.from('%PDF next'));
    expect(again.body.version).toBe(body.version + 1);
    const path = `client-portal/history?target=${body.id}&operation=client-portal.RecordMaterialDownload`;
    const lines = await eventually(
      async () => (await manager.get(path)).body.items as { actor: { loginId: string } }[],
      (found) => found.length >= 5,
    );
    expect(lines.map(({ actor }) => actor.loginId)).toEqual(Array<string>(5).fill('view.user'));
  });

  it('CN-25 names all that is wrong with an upload', async () => {
    const path = `back-office/client-companies/${portal.clientCode}/cases/R-2026-001/materials`;
    const { status, body } = await portal.staff.post(path, {});
    expect(status).toBe(400);
    expect(body.errors.map(({ field }: { field: string }) => field)).toEqual(['fileName', 'mediaType', '(body)']);
    expect((await upload('R-2026-999', 'a.pdf', Buffer.from('x'))).status).toBe(404);
  });
});

describe('the set-up', () => {
  it('CN-27, CN-28 five steps, completed by the last of them, and then where to go', async () => {
    const before = await manager.get(`client-portal/setup?minVersion=${lastVersion}`);
    expect(before.body).toMatchObject({ done: 4, of: 5, completed: false, guidance: null });
    const change = {
      currentPassword: portal.initialPassword,
      newPassword: 'Bridge#2026',
      newPasswordRepeat: 'Bridge#2026',
    };
    const { version } = (await manager.put('client-portal/me/password', change)).body;
    const after = await manager.get(`client-portal/setup?minVersion=${version}`);
    expect(after.body).toMatchObject({
      done: 5,
      completed: true,
      guidance: {
        support: { phone: '03-0000-0000', mail: 'support@example.com' },
        operationManual: { en: 'Operation manual' },
        operationVideos: {},
      },
    });
  });
});

it('CN-27 the first ticked box completes the set-up when steps 1 to 4 are done', async () => {
  const other = await preparedPortal(running);
  const change = {
    currentPassword: other.initialPassword,
    newPassword: 'Bridge#2026',
    newPasswordRepeat: 'Bridge#2026',
  };
  await other.manager.put('client-portal/me/password', change);
  const id = await other.user('first.user');
  const granted = await other.manager.post(`${users}/${id}/view-permissions`, { acceptanceNumber: 'R-2026-001' });
  const four = await other.manager.get(`client-portal/setup?minVersion=${granted.body.version}`);
  expect(four.body).toMatchObject({ done: 4, completed: false });
  const ticked = await other.manager.put(`${users}/${id}/procedure-permissions/R-2026-001`, {});
  const five = await other.manager.get(`client-portal/setup?minVersion=${ticked.body.version}`);
  expect(five.body).toMatchObject({ done: 5, completed: true });
  // Once, whatever is unticked and ticked later.
  expect((await other.manager.delete(`${users}/${id}/procedure-permissions/R-2026-001`)).status).toBe(200);
  expect((await other.manager.put(`${users}/${id}/procedure-permissions/R-2026-001`, {})).status).toBe(200);
  const recorded = await running.service.events.read(`clientCompany-${other.clientCode}`);
  expect(recorded.filter(({ type }) => type === 'client-portal.ClientSetupCompleted')).toHaveLength(1);
  const again = await other.manager.get(`client-portal/setup?minVersion=${recorded.length - 1}`);
  expect(again.body).toMatchObject({ done: 5, completed: true });
});

it('the rows built anew from the events are those that grew event by event', async () => {
  const seen = async () => {
    const paths = [users, 'client-portal/cases', 'client-portal/setup', 'client-portal/me'];
    const answers = await Promise.all(paths.map((path) => manager.get(path)));
    return answers.map(({ body }) => body as unknown);
  };
  const before = await seen();
  await running.service.projector.rebuild('client-portal');
  expect(await seen()).toEqual(before);
});

describe('isolation', () => {
  it('another company is nowhere to be seen', async () => {
    const other = await preparedPortal(running);
    const foreign = await other.user('foreign');
    for (const answer of [
      await manager.get(`${users}/${foreign}`),
      await manager.delete(`${users}/${foreign}`),
      await manager.post(`${users}/${foreign}/view-permissions`, { acceptanceNumber: 'R-2026-001' }),
    ]) {
      expect(answer).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    }
  });
});

describe('polling', () => {
  it('an unchanged list is 304, a changed one is sent', async () => {
    const first = await manager.get(users);
    const etag = String(first.headers['etag']);
    expect(await manager.get(users, { headers: { 'if-none-match': etag } })).toMatchObject({ status: 304, body: '' });
    const { version } = (
      await portal.staff.post(`back-office/client-companies/${portal.clientCode}/standards`, { standard: 'Standard C' })
    ).body;
    expect((await manager.get(`${users}?minVersion=${version}`, { headers: { 'if-none-match': etag } })).status).toBe(
      200,
    );
  });

  it('a version that is not there yet is waited for a little and then answered with when to come back', async () => {
    const answer = await manager.get(`${users}?minVersion=99999`);
    expect(answer).toMatchObject({ status: 503, body: { code: 'NOT_READY' } });
    expect(answer.headers['retry-after']).toBe('1');
    expect((await manager.get(`${users}?minVersion=x`)).status).toBe(400);
  });
});

describe('repetition', () => {
  const keyed = (key: string) => ({ headers: { 'idempotency-key': key } });
  const form = (userId: string) => ({
    displayName: 'Twice',
    userId,
    password: 'View#2026',
    passwordRepeat: 'View#2026',
  });

  it('the same key gives the first answer, accepted or refused, also after a restart', async () => {
    const create = () => manager.post(users, form('twice.user'), keyed('create-1'));
    const refused = () => manager.post(users, form('view.user'), keyed('create-2'));
    const first = [await create(), await refused()];
    expect(first.map(({ status }) => status)).toEqual([201, 409]);
    const id = (await manager.get(`${users}?minVersion=${first[0]!.body.version}`)).body.items.find(
      ({ userId }: { userId: string }) => userId === 'view.user',
    ).id;
    await manager.delete(`${users}/${id}`);
    expect((await refused()).body.code).toBe('USER_ID_TAKEN');
    expect((await create()).body).toEqual(first[0]!.body);
    await running.restart();
    const after = running.browser();
    await after.post('client-portal/sessions', {
      clientCode: portal.clientCode,
      userId: 'kanri01',
      password: 'Bridge#2026',
    });
    expect((await after.post(users, form('twice.user'), keyed('create-1'))).body).toEqual(first[0]!.body);
    expect((await after.post(users, form('view.user'), keyed('create-2'))).body.code).toBe('USER_ID_TAKEN');
    expect(await after.post(users, form('third.user'), keyed('create-1'))).toMatchObject({
      status: 422,
      body: { code: 'IDEMPOTENCY_KEY_REUSED' },
    });
  });

  it('a key stands for one input, also where another input concerns another company', async () => {
    const staff = await running.staff();
    const register = (clientCode: string) =>
      staff.post('back-office/client-companies', { clientCode, name: 'Example' }, keyed('register-1'));
    const first = await register('K00001');
    expect(await register('K00002')).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
    expect(await register('K00001')).toMatchObject({ status: 201, body: first.body });
    expect((await staff.get('back-office/client-companies/K00002')).status).toBe(404);
  });

  it('a refusal is the first answer for a day and not a moment longer', async () => {
    const at = new Date(running.clock.now().getTime() + 1_000);
    await running.clock.standAt(at);
    const login = { clientCode: portal.clientCode, userId: 'kanri01', password: 'Bridge#2026' };
    const loggedIn = async () => {
      const browser = running.browser();
      await browser.post('client-portal/sessions', login);
      return browser;
    };
    const create = async () => (await loggedIn()).post(users, form('twice.user'), keyed('a-day'));
    expect(await create()).toMatchObject({ status: 409, body: { code: 'USER_ID_TAKEN' } });
    const browser = await loggedIn();
    const { items } = (await browser.get(users)).body as { items: { id: string; userId: string }[] };
    expect((await browser.delete(`${users}/${items.find(({ userId }) => userId === 'twice.user')!.id}`)).status).toBe(
      200,
    );
    await running.clock.standAt(new Date(at.getTime() + 86_400_000 - 1));
    expect(await create()).toMatchObject({ status: 409, body: { code: 'USER_ID_TAKEN' } });
    await running.clock.standAt(new Date(at.getTime() + 86_400_000));
    expect((await create()).status).toBe(201);
  });
});
