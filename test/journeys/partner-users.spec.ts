import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer, Browser } from '../kit/browser.js';
import {
  COMPANY,
  COMPANY_NAME,
  done,
  initialPasswordOf,
  OWN_PASSWORD,
  type Partners,
  preparedPartners,
  registrant,
} from '../kit/partners.js';
import { type RunningService, startForTests } from '../kit/service.js';

let running: RunningService;
let partners: Partners;
/** Group administrator, signer and default primary person of Sendai; an approver beside it; the one of Tokyo. */
let administrator: Browser;
let approver: Browser;
let tokyo: Browser;
beforeAll(async () => {
  running = await startForTests();
  partners = await preparedPartners(running);
  await partners.company('A10001');
  await partners.office('A10001', 'Sendai', [
    registrant('one@example.com', ['SIGNER', 'GROUP_ADMINISTRATOR', 'DEFAULT_PRIMARY_PERSON']),
    registrant('two@example.com', ['APPROVER']),
  ]);
  await partners.office('A10001', 'Tokyo', [registrant('tokyo@example.com')]);
  administrator = await partners.as('A1000101');
  approver = await partners.as('A1000102');
  tokyo = await partners.as('A1000103');
}, 120_000);
afterAll(() => running.stop());

const USERS = 'e-contract/users';
const rules = ({ body }: Answer) =>
  (body as { errors: { field: string; rule: string }[] }).errors.map(({ field, rule }) => `${field}:${rule}`);
const staffMember = (userId: string, over: object = {}) => ({
  userId,
  name: 'Sample Staff',
  mail: 'staff@example.com',
  roles: ['APPROVER'],
  ...over,
});
const two = (over: object = {}) => ({ name: 'Sample two', mail: 'two@example.com', roles: ['APPROVER'], ...over });

type Line = { operation: string; code: string | null; result: string; events: { type: string; data: object }[] };
/** The history lags a moment behind; what is asked for comes, or the test ends in its time-out. */
const lineWhere = async (browser: Browser, path: string, wanted: (line: Line) => boolean): Promise<Line> => {
  for (;;) {
    const { body } = await browser.get(path);
    const found = (body.items as Line[]).find(wanted);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

describe('EC-63 who reaches user management, and where', () => {
  it('EC-63 the management tab stands for a group administrator only', async () => {
    expect((await administrator.get('e-contract/me')).body.tabs).toEqual(['standard', 'management']);
    expect((await approver.get('e-contract/me')).body.tabs).toEqual(['standard']);
  });

  it.each([
    ['GET', USERS],
    ['GET', `${USERS}/A1000101`],
    ['POST', USERS],
    ['PUT', `${USERS}/A1000101`],
    ['DELETE', `${USERS}/A1000101`],
    ['GET', 'e-contract/groups'],
    ['GET', 'e-contract/groups/grp0101'],
  ] as const)('EC-63 %s %s is closed to whoever is none, whatever the ID', async (method, path) => {
    const body = method === 'POST' ? staffMember('A1000150') : method === 'PUT' ? two() : undefined;
    expect(await approver.send(method, path, body)).toMatchObject({
      status: 403,
      body: { code: 'NOT_PERMITTED', params: { permission: 'user management' } },
    });
    expect(await running.browser().send(method, path, body)).toMatchObject({ status: 401 });
  });
});

describe('EC-64 the group tree', () => {
  it('EC-64 leads from the partners over the company to the own office, and shows it with its members', async () => {
    const { body } = await administrator.get('e-contract/groups');
    expect(body.items).toEqual([
      { groupId: 'partners', groupName: '取引先', parentGroupId: null, own: false },
      { groupId: 'grp01', groupName: COMPANY_NAME, parentGroupId: 'partners', own: false },
      { groupId: 'grp0101', groupName: 'Sendai', parentGroupId: 'grp01', own: true },
    ]);
    const group = await administrator.get('e-contract/groups/grp0101');
    expect(group.body).toMatchObject({ groupId: 'grp0101', groupName: 'Sendai', parentGroupName: COMPANY_NAME });
    expect(group.body.members.map(({ userId }: { userId: string }) => userId)).toEqual(['A1000101', 'A1000102']);
  });

  it('EC-64 a company with one place of business stands directly under the partners', async () => {
    await partners.company('A10009', 'Example Tunnel Construction Co.');
    const [userId] = await partners.office('A10009', null, [registrant('tunnel@example.com')]);
    const own = await partners.as(userId!);
    const [, node] = (await own.get('e-contract/groups')).body.items;
    expect(node).toMatchObject({ groupName: 'Example Tunnel Construction Co.', parentGroupId: 'partners', own: true });
    expect((await own.get(`e-contract/groups/${node.groupId}`)).body).toMatchObject({
      parentGroupName: '取引先',
      members: [{ userId }],
    });
  });
});

describe('EC-65 the member list', () => {
  it('EC-65 has the five columns of every member, and the ID leads to the detail', async () => {
    const change = two({ secondaryMail: 'second@example.com' });
    const { version } = done(await administrator.put(`${USERS}/A1000102`, change));
    const { body } = await administrator.get(`${USERS}?minVersion=${version}`);
    expect(body.items).toMatchObject([
      {
        userId: 'A1000101',
        name: 'Sample one',
        roles: ['GROUP_ADMINISTRATOR', 'DEFAULT_PRIMARY_PERSON', 'SIGNER'],
        mail: 'one@example.com',
        secondaryMail: null,
      },
      { userId: 'A1000102', name: 'Sample two', roles: ['APPROVER'], secondaryMail: 'second@example.com' },
    ]);
    expect(body.actions).toEqual(['createUser']);
    const detail = await administrator.get(`${USERS}/${body.items[0].userId}`);
    expect(detail.body).toMatchObject({ ...body.items[0], groupId: 'grp0101', groupName: 'Sendai' });
  });

  it('EC-65 comes in pages, and unchanged once it is known', async () => {
    const first = await administrator.get(`${USERS}?limit=1`);
    const second = await administrator.get(`${USERS}?limit=1&cursor=${first.body.nextCursor}`);
    expect([first.body.items[0].userId, second.body.items[0].userId]).toEqual(['A1000101', 'A1000102']);
    expect(second.body.nextCursor).toBeNull();
    const headers = { 'if-none-match': String(first.headers['etag']) };
    expect((await administrator.get(`${USERS}?limit=1`, { headers })).status).toBe(304);
    expect((await administrator.get(`${USERS}?limit=0`)).status).toBe(400);
  });
});

describe('EC-66 creating a user', () => {
  it('EC-66 lists the new user, whose first login demands a password change; the same ID again is refused', async () => {
    const { id, version } = done(await administrator.post(USERS, staffMember('A1000110')));
    expect(id).toBe('A1000110');
    const { body } = await administrator.get(`${USERS}/A1000110?minVersion=${version}`);
    expect(body).toMatchObject({ name: 'Sample Staff', roles: ['APPROVER'], status: 'initialPassword' });
    const login = { userId: 'A1000110', password: await initialPasswordOf(running, 'A1000110') };
    expect((await running.browser().post('e-contract/sessions', login)).body.landing).toBe('passwordChange');
    expect(await administrator.post(USERS, staffMember('A1000110'))).toMatchObject({
      status: 409,
      body: { code: 'USER_ID_TAKEN', params: { userId: 'A1000110' } },
    });
    // An ID of another office of the company is taken, too.
    expect((await administrator.post(USERS, staffMember('A1000103'))).status).toBe(409);
  });

  it('EC-66 two administrators who take one ID at the same moment make one user', async () => {
    const second = { ...staffMember('A1000111'), roles: ['GROUP_ADMINISTRATOR'] };
    done(await administrator.post(USERS, second));
    const other = await partners.as('A1000111');
    const both = await Promise.all([administrator, other].map((each) => each.post(USERS, staffMember('A1000112'))));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
    done(await administrator.delete(`${USERS}/A1000111`));
  });

  it.each([
    [
      { userId: '', name: '', mail: '', roles: [] },
      ['name:required', 'mail:required', 'roles:atLeastOne', 'userId:required'],
    ],
    [{ roles: undefined }, ['roles:atLeastOne']],
    [{ roles: ['APPROVER', 'KING'] }, ['roles:oneOf']],
    [{ roles: 'APPROVER' }, ['roles:type']],
    [{ mail: 'staff@' }, ['mail:mail']],
    [{ mail: 'staff@example.com\r\nBcc: x@example.com' }, ['mail:mail']],
    [{ secondaryMail: 'second' }, ['secondaryMail:mail']],
    [{ userId: 'B2000101' }, ['userId:format']],
    [{ userId: 'A1000100' }, ['userId:format']],
    [{ groupId: 'grp0102' }, ['groupId:unknownField']],
  ])('EC-66 refuses %j', async (over, expected) => {
    const answer = await administrator.post(USERS, staffMember('A1000120', over));
    expect([answer.status, rules(answer).sort()]).toEqual([400, [...expected].sort()]);
  });

  it('EC-66 trims names and mails, never IDs', async () => {
    const { id, version } = done(
      await administrator.post(USERS, staffMember('A1000121', { name: ' 見本 花子 ', mail: ' hanako@example.com ' })),
    );
    const { body } = await administrator.get(`${USERS}/${id}?minVersion=${version}`);
    expect(body).toMatchObject({ name: '見本 花子', mail: 'hanako@example.com' });
    expect((await administrator.post(USERS, staffMember(' A1000122'))).status).toBe(400);
  });
});

describe('EC-67 editing a user', () => {
  it('EC-67 a granted permission counts at once, and its history line shows the roles before and after', async () => {
    const roles = ['APPROVER', 'DEFAULT_PRIMARY_PERSON'];
    const { version } = done(await administrator.put(`${USERS}/A1000102`, two({ roles })));
    const { body } = await administrator.get(`${USERS}/A1000102?minVersion=${version}`);
    expect(body.roles).toEqual(['DEFAULT_PRIMARY_PERSON', 'APPROVER']);
    expect((await approver.get('e-contract/me')).body.roles).toEqual(['DEFAULT_PRIMARY_PERSON', 'APPROVER']);
    const line = await lineWhere(administrator, 'e-contract/history?target=A1000102', ({ events }) =>
      events.some(({ type, data }) => type === 'partners.RolesGranted' && (data as { before: [] }).before.length > 0),
    );
    expect(line).toMatchObject({
      operation: 'partners.ChangePartnerUser',
      result: 'success',
      actor: { loginId: 'A1000101', name: 'Sample one' },
    });
    expect(line.events.at(-1)!.data).toMatchObject({
      before: ['APPROVER'],
      after: ['DEFAULT_PRIMARY_PERSON', 'APPROVER'],
    });
  });

  it('EC-67 a taken permission counts at once, in a session that is open', async () => {
    done(await administrator.put(`${USERS}/A1000102`, two({ roles: ['GROUP_ADMINISTRATOR'] })));
    expect((await approver.get(USERS)).status).toBe(200);
    done(await administrator.put(`${USERS}/A1000102`, two()));
    expect((await approver.get(USERS)).status).toBe(403);
  });

  it('EC-67 name and mails change, and the new address logs in instead of the old one', async () => {
    done(await administrator.post(USERS, staffMember('A1000130', { mail: 'old@example.com' })));
    const password = await initialPasswordOf(running, 'A1000130');
    const moved = { name: 'Sample Other', mail: 'new@example.com', secondaryMail: 'b@example.com', roles: ['SIGNER'] };
    const { version } = done(await administrator.put(`${USERS}/A1000130`, moved));
    expect((await administrator.get(`${USERS}/A1000130?minVersion=${version}`)).body).toMatchObject(moved);
    // Never in until now: the password that went to the old address is replaced by one that goes to the new.
    let renewed = password;
    while (renewed === password) renewed = await initialPasswordOf(running, 'A1000130');
    const login = async (userId: string, secret: string) =>
      (await running.browser().post('e-contract/sessions', { userId, password: secret })).status;
    expect(await login('old@example.com', renewed)).toBe(401);
    expect([await login('new@example.com', password), await login('new@example.com', renewed)]).toEqual([401, 201]);
  });

  it('EC-67 the last group administrator stays one', async () => {
    const one = { name: 'Sample one', mail: 'one@example.com' };
    expect(await administrator.put(`${USERS}/A1000101`, { ...one, roles: ['SIGNER'] })).toMatchObject({
      status: 422,
      body: { code: 'LAST_GROUP_ADMINISTRATOR' },
    });
    expect((await administrator.get('e-contract/me')).body.roles).toContain('GROUP_ADMINISTRATOR');
  });

  it('EC-67 two administrators who take the permission from each other leave one', async () => {
    await partners.company('A10005');
    const mails = ['left@example.com', 'right@example.com'];
    const ids = await partners.office(
      'A10005',
      null,
      mails.map((mail) => registrant(mail)),
    );
    const [left, right] = [await partners.as(ids[0]!), await partners.as(ids[1]!)];
    const demote = (by: Browser, userId: string, mail: string) =>
      by.put(`${USERS}/${userId}`, { name: 'x', mail, roles: ['SIGNER'] });
    const both = await Promise.all([demote(left, ids[1]!, mails[1]!), demote(right, ids[0]!, mails[0]!)]);
    expect(both.filter(({ status }) => status === 200)).toHaveLength(1);
    const tabs = await Promise.all(
      [left, right].map(async (each) => (await each.get('e-contract/me')).body.tabs.length),
    );
    expect(tabs.sort()).toEqual([1, 2]);
  });
});

describe('EC-68 deleting a user', () => {
  it('EC-68 the deleted user is out at once, cannot log in again, and its ID may have another bearer', async () => {
    done(await administrator.post(USERS, staffMember('A1000140')));
    const deleted = await partners.as('A1000140');
    const { version } = done(await administrator.delete(`${USERS}/A1000140`));
    expect((await deleted.get('e-contract/me')).status).toBe(401);
    const login = { userId: 'A1000140', password: OWN_PASSWORD };
    expect((await running.browser().post('e-contract/sessions', login)).status).toBe(401);
    expect((await administrator.get(`${USERS}/A1000140?minVersion=${version}`)).status).toBe(404);
    expect((await administrator.delete(`${USERS}/A1000140`)).status).toBe(404);
    done(await administrator.post(USERS, staffMember('A1000140', { name: 'Another Person' })));
    expect((await running.browser().post('e-contract/sessions', login)).status).toBe(401);
  });

  it('EC-68 history still shows who it was', async () => {
    done(await administrator.post(USERS, staffMember('A1000141', { name: 'Sample Leaver' })));
    done(await administrator.delete(`${USERS}/A1000141`));
    const line = await lineWhere(
      administrator,
      'e-contract/history?target=A1000141',
      ({ operation }) => operation === 'partners.DeletePartnerUser',
    );
    expect(line.events[0]!.data).toMatchObject({ userId: 'A1000141', name: 'Sample Leaver' });
    expect(JSON.stringify(line)).not.toContain('credentialId');
  });

  it('EC-68 the last group administrator cannot be deleted, not even by itself', async () =>
    expect(await administrator.delete(`${USERS}/A1000101`)).toMatchObject({
      status: 422,
      body: { code: 'LAST_GROUP_ADMINISTRATOR' },
    }));
});

describe('EC-71 the role of the group administrator', () => {
  it('EC-71 administers users and is told that it signs; without the approver permission it does not approve', async () => {
    const { body } = await administrator.get('e-contract/me');
    expect(body).toMatchObject({
      companyCode: COMPANY,
      roles: ['GROUP_ADMINISTRATOR', 'DEFAULT_PRIMARY_PERSON', 'SIGNER'],
      may: { manageUsers: true, sign: true, approve: false },
    });
    for (const step of [
      () => administrator.post(USERS, staffMember('A1000160')),
      () => administrator.put(`${USERS}/A1000160`, { ...two(), roles: ['SIGNER', 'APPROVER'] }),
      () => administrator.delete(`${USERS}/A1000160`),
    ])
      expect((await step()).status).toBeLessThan(300);
    expect((await approver.get('e-contract/me')).body.may).toMatchObject({ manageUsers: false, approve: true });
  });
});

describe('EC-74 the scope of the group administrator', () => {
  /** What people did; that a mail went out may be recorded at any time. */
  const count = async () => {
    const events = await running.service.events.read('partner-A10001');
    return events.filter(({ metadata }) => metadata.actor.kind !== 'system').length;
  };

  it.each([
    ['another office of the company', 'A1000103'],
    ['another company', 'A1000901'],
    ['nobody at all', 'Z9999999'],
  ])('EC-74 a user of %s is not there, nothing is recorded but the reach for it', async (_, userId) => {
    const before = await count();
    for (const answer of [
      await administrator.get(`${USERS}/${userId}`),
      await administrator.put(`${USERS}/${userId}`, two()),
      await administrator.delete(`${USERS}/${userId}`),
    ])
      expect(answer).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect(await count()).toBe(before);
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const line = await lineWhere(
        administrator,
        `e-contract/history?target=/api/v1/e-contract/users/${userId}`,
        ({ operation }) => operation.startsWith(method),
      );
      expect(line).toMatchObject({ result: 'refused', code: 'NOT_FOUND' });
      expect(line.events[0]!.type).toBe('identity.OperationRefused');
    }
  });

  it('EC-74 neither is the group of another office', async () => {
    for (const groupId of ['grp0102', 'grp01', 'grp99', 'partners'])
      expect((await administrator.get(`e-contract/groups/${groupId}`)).status).toBe(404);
  });

  it('EC-74 lists and histories of one office hold nothing of the other', async () => {
    const { body } = await tokyo.get(USERS);
    expect(body.items.map(({ userId }: { userId: string }) => userId)).toEqual(['A1000103']);
    await lineWhere(tokyo, 'e-contract/history', ({ operation }) => operation === 'identity.RecordLogin');
    const history = JSON.stringify((await tokyo.get('e-contract/history?limit=100')).body);
    expect(history).not.toMatch(/A10001(01|02)|Sendai/);
    const own = await approver.get('e-contract/history?limit=100');
    expect(new Set(own.body.items.map(({ actor }: { actor: { loginId: string } }) => actor.loginId))).toEqual(
      new Set(['A1000102']),
    );
  });
});

describe('EC-75 the signer detail', () => {
  it('EC-75 a signer has four sections, anybody else the attributes only', async () => {
    const { body } = await administrator.get(`${USERS}/A1000101`);
    expect(body).toMatchObject({
      userId: 'A1000101',
      name: 'Sample one',
      mail: 'one@example.com',
      groupName: 'Sendai',
      roles: ['GROUP_ADMINISTRATOR', 'DEFAULT_PRIMARY_PERSON', 'SIGNER'],
      sections: {
        certificate: { state: 'none', fileName: null },
        sealImage: { outerText: COMPANY_NAME, innerText: '電子契約', editable: false },
        signingProxies: [],
      },
    });
    expect((await administrator.get(`${USERS}/A1000102`)).body.sections).toEqual({
      certificate: null,
      sealImage: null,
      signingProxies: null,
    });
  });
});
