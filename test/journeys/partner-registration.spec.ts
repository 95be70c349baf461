import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer } from '../kit/browser.js';
import { COMPANY, COMPANY_NAME, done, PAPERS, type Partners, preparedPartners, registrant } from '../kit/partners.js';
import { type RunningService, startForTests } from '../kit/service.js';

let running: RunningService;
let partners: Partners;
beforeAll(async () => {
  running = await startForTests();
  partners = await preparedPartners(running);
  await partners.company('A10001');
}, 120_000);
afterAll(() => running.stop());

const rules = ({ body }: Answer) =>
  (body as { errors: { field: string; rule: string }[] }).errors.map(({ field, rule }) => `${field}:${rule}`);
const sendai = (over: object = {}) => ({
  officeName: 'Sendai',
  ...PAPERS,
  registrants: [registrant('one@example.com'), registrant('two@example.com')],
  ...over,
});
const register = (body: object, vendorCode = 'A10001') =>
  partners.staff.post(`back-office/partners/${vendorCode}/groups`, body);
const partner = async (version: number, vendorCode = 'A10001') =>
  (await partners.staff.get(`back-office/partners/${vendorCode}?minVersion=${version}`)).body;

describe('EC-01 registering a partner office', () => {
  it('EC-01 refuses an office without both papers, and the company has no group then', async () => {
    for (const [missing, documents] of [
      [{ issueRequestReceivedOn: undefined }, 'initialUserIdIssueRequest'],
      [{ termsConsentReceivedOn: null }, 'termsOfUseConsent'],
      [
        { issueRequestReceivedOn: null, termsConsentReceivedOn: undefined },
        'initialUserIdIssueRequest, termsOfUseConsent',
      ],
    ] as const) {
      expect(await register(sendai(missing))).toMatchObject({
        status: 422,
        body: { code: 'DOCUMENT_MISSING', params: { documents } },
      });
    }
    expect((await partners.staff.get('back-office/partners/A10001')).body.groups).toEqual([]);
  });

  it('EC-01, EC-02 registers the group and its two registrants, numbered 01 and 02; another office needs its own papers', async () => {
    const { id, version, userIds } = done(await register(sendai()));
    expect([id, userIds]).toEqual(['grp0101', ['A1000101', 'A1000102']]);
    const { groups, companyCode } = await partner(version);
    expect(companyCode).toBe(COMPANY);
    expect(groups).toMatchObject([
      {
        id: 'grp0101',
        name: 'Sendai',
        parentGroupId: 'grp01',
        ...PAPERS,
        members: [
          { userId: 'A1000101', mail: 'one@example.com', status: 'initialPassword', roles: ['GROUP_ADMINISTRATOR'] },
          { userId: 'A1000102', mail: 'two@example.com' },
        ],
      },
    ]);
    const tokyo = { ...sendai({ officeName: 'Tokyo', termsConsentReceivedOn: undefined }) };
    expect(await register(tokyo)).toMatchObject({ status: 422, body: { code: 'DOCUMENT_MISSING' } });
  });

  it('EC-02 one registrant gets 01 alone', async () => {
    await partners.company('A10002', 'Example Tunnel Construction Co.');
    const one = sendai({ registrants: [registrant('only@example.com')] });
    expect(done(await register(one, 'A10002')).userIds).toEqual(['A1000201']);
  });

  it('EC-02 a user ID that an administrator chose stands in no later office’s way', async () => {
    await partners.company('A10004', 'Example Dam Construction Co.');
    const mails = ['first@d.example.com', 'second@d.example.com'];
    const sendaiOf = (officeName: string) => sendai({ officeName, registrants: mails.map((mail) => registrant(mail)) });
    done(await register(sendaiOf('Sendai'), 'A10004'));
    const administrator = await partners.as('A1000401');
    const user = { userId: 'A1000499', name: 'Sample Staff', mail: 'staff@d.example.com', roles: ['APPROVER'] };
    done(await administrator.post('e-contract/users', user));
    expect(done(await register(sendaiOf('Tokyo'), 'A10004')).userIds).toEqual(['A1000403', 'A1000404']);
  });

  it('EC-01 names every wrong value at once', async () => {
    const wrong = await register({
      officeName: 'x'.repeat(101),
      issueRequestReceivedOn: 'yesterday, I believe',
      registrants: [{ name: '', mail: 'billing@', roles: ['KING'], nickname: 'x' }, registrant('two@example.com')],
    });
    expect(wrong.status).toBe(400);
    expect(rules(wrong).sort()).toEqual([
      'issueRequestReceivedOn:maxLength',
      'officeName:maxLength',
      'registrants.0.mail:mail',
      'registrants.0.name:required',
      'registrants.0.nickname:unknownField',
      'registrants.0.roles:oneOf',
    ]);
    for (const registrants of [undefined, 'two', [], ['two'], [1, 2, 3].map((n) => registrant(`${n}@example.com`))])
      expect((await register(sendai({ registrants }))).status).toBe(400);
    const later = await register(sendai({ officeName: 'Osaka', issueRequestReceivedOn: '2999-01-01' }));
    expect(rules(later)).toEqual(['issueRequestReceivedOn:notInFuture']);
  });

  it('EC-01 refuses a group without an administrator, a second group of the name, and a company that is not there', async () => {
    const signers = [registrant('s@example.com', ['SIGNER'])];
    expect(await register(sendai({ officeName: 'Osaka', registrants: signers }))).toMatchObject({
      status: 422,
      body: { code: 'GROUP_ADMINISTRATOR_NEEDED' },
    });
    expect(await register(sendai())).toMatchObject({ status: 409, body: { code: 'PARTNER_GROUP_EXISTS' } });
    expect(await register(sendai(), 'Z99999')).toMatchObject({ status: 404 });
  });

  it('EC-01 a repeated request with the same key registers once and states the same', async () => {
    await partners.company('A10003');
    const headers = { 'idempotency-key': 'office-1' };
    const again = () => partners.staff.post('back-office/partners/A10003/groups', sendai(), { headers });
    const [first, second] = [await again(), await again()];
    expect(first.status).toBe(201);
    expect(second.body).toEqual(first.body);
  });

  it('EC-01 codes stand once: owner companies, vendor codes', async () => {
    const { staff } = partners;
    const owner = { companyCode: COMPANY, name: 'Another' };
    expect(await staff.post('back-office/owner-companies', owner)).toMatchObject({
      status: 409,
      body: { code: 'OWNER_COMPANY_EXISTS' },
    });
    const path = `back-office/owner-companies/${COMPANY}/partners`;
    expect(await staff.post(path, { vendorCode: 'A10001', name: COMPANY_NAME })).toMatchObject({
      status: 409,
      body: { code: 'PARTNER_COMPANY_EXISTS' },
    });
    const nowhere = 'back-office/owner-companies/ZZ999/partners';
    expect((await staff.post(nowhere, { vendorCode: 'A10009', name: COMPANY_NAME })).status).toBe(404);
    expect((await staff.get(nowhere)).status).toBe(404);
    const owners = await staff.get('back-office/owner-companies');
    expect(owners.body.items).toMatchObject([{ id: COMPANY, type: 'ownerCompany' }]);
    const listed = await staff.get(`${path}?minVersion=${owners.body.version}&limit=2`);
    expect(listed.body.items.map(({ id }: { id: string }) => id)).toEqual(['A10001', 'A10002']);
    const rest = await staff.get(`${path}?limit=2&cursor=${listed.body.nextCursor}`);
    expect(rest.body.items.map(({ id }: { id: string }) => id)).toEqual(['A10003', 'A10004']);
  });

  it("EC-01 a partner's name is one that the certificates of its people can hold", async () => {
    const path = `back-office/owner-companies/${COMPANY}/partners`;
    const registered = (name: string, vendorCode: string) => partners.staff.post(path, { vendorCode, name });
    const rulesOf = async (name: string) =>
      (await registered(name, 'A10009')).body.errors.map(({ field, rule }: Record<string, string>) => [field, rule]);
    expect(await rulesOf('橋'.repeat(65))).toEqual([['name', 'maxLength']]);
    expect(await rulesOf('大\ufa1b株式会社')).toEqual([['name', 'certificateCharacters']]);
    expect((await registered('橋'.repeat(64), 'A10009')).status).toBe(201);
  });

  it('EC-01 is for the back office', async () => {
    const member = await partners.as('A1000101');
    for (const path of ['back-office/owner-companies', 'back-office/partners/A10001/groups'])
      expect(await member.post(path, {})).toMatchObject({ status: 403, body: { code: 'NOT_PERMITTED' } });
    expect((await running.browser().post('back-office/owner-companies', {})).status).toBe(401);
  });
});

describe('EC-73 several offices', () => {
  it('EC-73 seven offices are seven groups under the company, each with its own administrator', async () => {
    const vendorCode = 'A20002';
    await partners.company(vendorCode);
    const offices = ['Sapporo', 'Sendai', 'Tokyo', 'Nagoya', 'Osaka', 'Hiroshima', 'Fukuoka'];
    let version = 0;
    for (const officeName of offices) {
      const registrants = [registrant(`${officeName}.1@example.com`), registrant(`${officeName}.2@example.com`)];
      ({ version } = done(await register({ officeName, ...PAPERS, registrants }, vendorCode)));
    }
    const { groupId, groups } = await partner(version, vendorCode);
    type Group = { id: string; name: string; parentGroupId: string; members: { userId: string; roles: string[] }[] };
    expect(groups.map(({ id, name }: Group) => [id, name])).toEqual(
      offices.map((name, index) => [`${groupId}0${index + 1}`, name]),
    );
    for (const { parentGroupId, members } of groups as Group[]) {
      expect(parentGroupId).toBe(groupId);
      expect(members).toHaveLength(2);
      expect(members.some(({ roles }) => roles.includes('GROUP_ADMINISTRATOR'))).toBe(true);
    }
    const ids = (groups as Group[]).flatMap(({ members }) => members.map(({ userId }) => userId));
    expect(ids).toEqual(Array.from({ length: 14 }, (_, index) => `A20002${String(index + 1).padStart(2, '0')}`));
  });
});

describe('EC-74 whose the registration of an office is', () => {
  it('EC-74 the history of the new office shows it, that of the company group does not', async () => {
    const vendorCode = 'A30001';
    await partners.company(vendorCode, 'Example Harbour Construction Co.');
    const [head] = await partners.office(vendorCode, null, [registrant('head.office@example.com')]);
    const [sendaiUser] = await partners.office(vendorCode, 'Sendai', [registrant('sendai.office@example.com')]);
    const [own, other] = [await partners.as(sendaiUser!), await partners.as(head!)];
    const registrationsSeenBy = async (browser: typeof own): Promise<string> => {
      const lines = 'e-contract/history?operation=partners.RegisterPartnerGroup';
      for (;;) {
        const { body } = await browser.get(lines);
        // Each administrator finds the registration of the own group, sooner or later.
        if (body.items.length > 0) return JSON.stringify(body.items);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    expect(await registrationsSeenBy(own)).toContain('sendai.office@example.com');
    expect(await registrationsSeenBy(other)).toContain('head.office@example.com');
    expect(await registrationsSeenBy(other)).not.toContain('sendai.office@example.com');
    for (const [browser, mine, theirs] of [
      [own, 'sendai.office', 'head.office'],
      [other, 'head.office', 'sendai.office'],
    ] as const) {
      const everything = JSON.stringify((await browser.get('e-contract/history?limit=100')).body);
      expect(everything).toContain(mine);
      expect(everything).not.toContain(theirs);
    }
  });
});
