import { describe, expect, it } from '@jest/globals';
import { specify } from '../../../test/kit/given.js';
import type { Actor } from '../../kernel/actor.js';
import { SYSTEM } from '../../kernel/actor.js';
import { derivedId } from '../../kernel/ids.js';
import { partnerDecider } from './decider.js';
import * as m from './messages.js';

const vendorCode = 'A10001';
const staff: Actor = { kind: 'backOffice', id: 'staff-1', name: 'Sample Staff' };
const by = (accountId: string): { by: Actor } => ({ by: { kind: 'user', id: accountId, name: accountId } });
const bySystem = { by: SYSTEM };

const group = (groupId = 'grp0101', name = 'Sendai') =>
  m.partnerGroupRegistered({
    ...{ vendorCode, groupId, name, companyCode: 'EX001', companyName: 'Example Bridge Construction Co.' },
    ...{ parentGroupId: 'grp01', issueRequestReceivedOn: '2026-06-01', termsConsentReceivedOn: '2026-06-02' },
  });
const factsOf = (branch: number, groupId = 'grp0101') => ({
  vendorCode,
  groupId,
  accountId: `account-${branch}`,
  userId: m.userIdOf(vendorCode, branch),
});
const attributes = (branch: number) => ({
  name: `Sample Person ${branch}`,
  mail: `person${branch}@example.com`,
  secondaryMail: null,
});
const registered = (branch: number, groupId?: string) =>
  m.partnerUserRegistered({
    ...factsOf(branch, groupId),
    ...attributes(branch),
    credentialId: `credential-${branch}`,
  });
const roles = (branch: number, after: m.Role[], groupId?: string) =>
  m.rolesGranted({ ...factsOf(branch, groupId), before: [], after });
/** Administrator 1 and approver 2 in Sendai, administrator 3 in Tokyo. */
const offices: m.PartnerEvent[] = [
  group(),
  registered(1),
  roles(1, ['GROUP_ADMINISTRATOR']),
  registered(2),
  roles(2, ['APPROVER']),
  group('grp0102', 'Tokyo'),
  registered(3, 'grp0102'),
  roles(3, ['GROUP_ADMINISTRATOR'], 'grp0102'),
];

const { given } = specify(partnerDecider, by('account-1').by);

const registrant = (branch: number, of: m.Role[] = ['GROUP_ADMINISTRATOR']) => ({
  ...attributes(branch),
  roles: of,
  credentialId: `credential-${branch}`,
});
const registration = (over: object = {}) =>
  m.registerPartnerGroup({
    ...{ vendorCode, companyCode: 'EX001', companyName: 'Example Bridge Construction Co.', companyGroupId: 'grp01' },
    ...{ officeName: 'Sendai', issueRequestReceivedOn: '2026-06-01', termsConsentReceivedOn: '2026-06-02' },
    registrants: [registrant(1), registrant(2)],
    ...over,
  });
const errorsOf = (outcome: { refusal?: { errors?: readonly { field: string; rule: string }[] } | undefined }) =>
  outcome.refusal?.errors?.map(({ field, rule }) => `${field}:${rule}`);

describe('registering an office', () => {
  it('EC-01, EC-02, EC-74 what is registered belongs to the new group', () => {
    const tenants = [registration(), registration({ officeName: null })].map(
      (each) => given().when(each, { by: staff }).outcome.tenant,
    );
    expect(tenants).toEqual(['grp0101', 'grp01']);
  });

  it('EC-01, EC-02 makes the group and its registrants, numbered after the vendor code', () => {
    const account = (index: number) => ({ accountId: derivedId('command-1', 'account', String(index)) });
    const events = [1, 2].flatMap((branch): m.PartnerEvent[] => [
      m.partnerUserRegistered({ ...registered(branch).data, ...account(branch - 1) }),
      m.rolesGranted({ ...roles(branch, ['GROUP_ADMINISTRATOR']).data, ...account(branch - 1) }),
    ]);
    given()
      .when(registration(), { by: staff })
      .then(group(), ...events);
  });

  it('EC-02 one registrant has branch number 01; a further office takes the next numbers', () => {
    const one = given().when(registration({ registrants: [registrant(1)] }), { by: staff });
    expect(one.outcome.events.map(({ data }) => 'userId' in data && data.userId)).toEqual([
      false,
      'A1000101',
      'A1000101',
    ]);
    const next = given(...offices).when(registration({ officeName: 'Osaka' }), { by: staff });
    const ids = next.outcome.events.map(({ data }) => 'userId' in data && data.userId);
    expect(new Set(ids)).toEqual(new Set([false, 'A1000104', 'A1000105']));
    expect(next.outcome.events[0]!.data.groupId).toBe('grp0103');
  });

  it('EC-02 a branch number that was given out is not given to the registrant of a new office', () => {
    const deleted = m.partnerUserDeleted({
      ...factsOf(3, 'grp0102'),
      ...attributes(3),
      credentialId: 'credential-3',
      roles: [],
    });
    const { outcome } = given(...offices, deleted).when(registration({ officeName: 'Osaka' }), { by: staff });
    expect(outcome.events[1]!.data).toMatchObject({ userId: 'A1000104' });
  });

  it('EC-64 a company without offices is itself the group, under the partners', () => {
    const { outcome } = given().when(registration({ officeName: null }), { by: staff });
    expect(outcome.events[0]!.data).toMatchObject({
      groupId: 'grp01',
      parentGroupId: 'partners',
      name: 'Example Bridge Construction Co.',
    });
    const both = given(group('grp01', 'Example Bridge Construction Co.')).when(registration(), { by: staff });
    expect(both.outcome.events[0]!.data).toMatchObject({ groupId: 'grp0101', parentGroupId: 'grp01' });
  });

  it.each([
    [{ issueRequestReceivedOn: null }, 'initialUserIdIssueRequest'],
    [{ termsConsentReceivedOn: null }, 'termsOfUseConsent'],
    [{ issueRequestReceivedOn: null, termsConsentReceivedOn: null }, 'initialUserIdIssueRequest, termsOfUseConsent'],
  ])('EC-01 refuses %j: each office needs both papers', (over, documents) =>
    given(...offices)
      .when(registration({ officeName: 'Osaka', ...over }), { by: staff })
      .thenRefused('DOCUMENT_MISSING', { documents }),
  );

  it.each([
    [{ officeName: ' ' }, 'officeName:required'],
    [{ issueRequestReceivedOn: '2026-13-01' }, 'issueRequestReceivedOn:format'],
    [{ issueRequestReceivedOn: '2026-02-30' }, 'issueRequestReceivedOn:format'],
    [{ termsConsentReceivedOn: '2026-07-02' }, 'termsConsentReceivedOn:notInFuture'],
    [{ registrants: [] }, 'registrants:count'],
    [{ registrants: [registrant(1), registrant(2), registrant(3)] }, 'registrants:count'],
    [{ registrants: [{ ...registrant(1), name: '' }] }, 'registrants.0.name:required'],
    [{ registrants: [registrant(1), { ...registrant(2), mail: 'billing@' }] }, 'registrants.1.mail:mail'],
    [{ registrants: [{ ...registrant(1), secondaryMail: 'x' }] }, 'registrants.0.secondaryMail:mail'],
    [{ registrants: [registrant(1, [])] }, 'registrants.0.roles:atLeastOne'],
  ])('EC-01 refuses %j as %s', (over, expected) => {
    // 2026-07-01T14:59:59.999Z is still the first of July in Japan.
    const { outcome } = given().when(registration(over), { by: staff, now: '2026-07-01T14:59:59.999Z' });
    expect(errorsOf(outcome)).toEqual([expected]);
  });

  it('EC-01 takes a paper of today, in Japan', () =>
    expect(
      given().when(registration({ termsConsentReceivedOn: '2026-07-02' }), { by: staff, now: '2026-07-01T15:00:00Z' })
        .outcome.refusal,
    ).toBeUndefined());

  it('EC-01 is for the back office, needs an administrator, and each name stands once', () => {
    given().when(registration()).thenRefused('NOT_PERMITTED', { permission: 'back office' });
    given()
      .when(registration({ registrants: [registrant(1, ['SIGNER'])] }), { by: staff })
      .thenRefused('GROUP_ADMINISTRATOR_NEEDED');
    given(...offices)
      .when(registration(), { by: staff })
      .thenRefused('PARTNER_GROUP_EXISTS', { name: 'Sendai' });
  });

  const userIdsOf = (outcome: { events: readonly m.PartnerEvent[] }) =>
    outcome.events.flatMap(({ type, data }) => (type === 'partners.PartnerUserRegistered' ? [data.userId] : []));
  const created = (branch: number) => m.partnerUserCreated(registered(branch).data);

  it('EC-02 a number that an administrator chose stands in no office’s way: the lowest that nobody had are taken', () => {
    for (const [chosen, ids] of [
      [[99], ['A1000104', 'A1000105']],
      [
        [4, 99],
        ['A1000105', 'A1000106'],
      ],
      [[5], ['A1000104', 'A1000106']],
    ] as const) {
      const history = [...offices, ...chosen.map(created)];
      const { outcome } = given(...history).when(registration({ officeName: 'Osaka' }), { by: staff });
      expect(userIdsOf(outcome)).toEqual(ids);
    }
  });

  it('EC-02 ends where two digits end, and where all were used those of deleted users come again', () => {
    const upTo98 = Array.from({ length: 95 }, (_, index) => registered(index + 4, 'grp0102'));
    const two = registration({ officeName: 'Osaka' });
    given(...offices, ...upTo98)
      .when(two, { by: staff })
      .thenRefused('USER_LIMIT', { max: 99, scope: vendorCode });
    const one = registration({ officeName: 'Osaka', registrants: [registrant(99)] });
    expect(userIdsOf(given(...offices, ...upTo98).when(one, { by: staff }).outcome)).toEqual(['A1000199']);
    const gone = m.partnerUserDeleted({ ...factsOf(50), ...attributes(50), credentialId: 'credential-50', roles: [] });
    const { outcome } = given(...offices, ...upTo98, gone).when(two, { by: staff });
    expect(userIdsOf(outcome)).toEqual(['A1000199', 'A1000150']);
  });
});

describe('creating a user', () => {
  const create = (over: object = {}) =>
    m.createPartnerUser({
      ...{ vendorCode, userId: 'A1000104', ...attributes(4), roles: ['APPROVER'], credentialId: 'credential-4' },
      ...over,
    });

  it('EC-66 puts it into the group of the administrator, with its roles', () => {
    const member = { ...factsOf(4), accountId: derivedId('command-1', 'account') };
    given(...offices)
      .when(create())
      .then(
        m.partnerUserCreated({ ...member, ...attributes(4), credentialId: 'credential-4' }),
        m.rolesGranted({ ...member, before: [], after: ['APPROVER'] }),
      );
  });

  it('EC-66 keeps roles in one order and each once', () => {
    const { outcome } = given(...offices).when(create({ roles: ['SIGNER', 'APPROVER', 'SIGNER'] }));
    expect(outcome.events[1]!.data).toMatchObject({ after: ['APPROVER', 'SIGNER'] });
  });

  it.each(['A1000101', 'A1000103'])('EC-66 refuses the ID %s, which a member of the company bears', (userId) =>
    given(...offices)
      .when(create({ userId }))
      .thenRefused('USER_ID_TAKEN', { userId }),
  );

  it('EC-66 gives the ID of a deleted user to a new account', () => {
    const deleted = m.partnerUserDeleted({ ...factsOf(2), ...attributes(2), credentialId: 'credential-2', roles: [] });
    const { outcome } = given(...offices, deleted).when(create({ userId: 'A1000102' }));
    expect(outcome.events[0]!.data).toMatchObject({ userId: 'A1000102', accountId: derivedId('command-1', 'account') });
  });

  it.each([
    [{ userId: '' }, ['userId:required']],
    [{ userId: 'B2000101' }, ['userId:format']],
    [{ userId: 'A1000100' }, ['userId:format']],
    [{ userId: 'a1000104' }, ['userId:format']],
    [{ userId: 'A100014' }, ['userId:format']],
    [{ name: '', mail: '', roles: [] }, ['name:required', 'mail:required', 'roles:atLeastOne']],
    [{ secondaryMail: 'a@b' }, ['secondaryMail:mail']],
    [{ name: 'x'.repeat(65) }, ['name:maxLength']],
  ])('EC-66 refuses %j', (over, expected) =>
    expect(errorsOf(given(...offices).when(create(over)).outcome)).toEqual(expected),
  );

  it.each([
    ['an approver', by('account-2')],
    ['a stranger', by('account-99')],
    ['the back office', { by: staff }],
    ['an account that shares the id of an administrator but is none', { by: { ...staff, id: 'account-1' } }],
  ])('EC-63 is not for %s', (_, sender) =>
    given(...offices)
      .when(create(), sender)
      .thenRefused('NOT_PERMITTED', { permission: 'user management' }),
  );
});

describe('changing a user', () => {
  const change = (branch: number, over: object = {}) =>
    m.changePartnerUser({
      ...{ vendorCode, userId: m.userIdOf(vendorCode, branch), ...attributes(branch) },
      ...{ roles: ['APPROVER'], credentialId: 'new' },
      ...over,
    });

  it('EC-67 grants and takes roles, each event with the roles before and after it', () => {
    given(...offices)
      .when(change(2, { roles: ['APPROVER', 'DEFAULT_PRIMARY_PERSON'] }))
      .then(m.rolesGranted({ ...factsOf(2), before: ['APPROVER'], after: ['DEFAULT_PRIMARY_PERSON', 'APPROVER'] }));
    given(...offices)
      .when(change(2, { roles: ['SIGNER'] }))
      .then(
        m.rolesGranted({ ...factsOf(2), before: ['APPROVER'], after: ['APPROVER', 'SIGNER'] }),
        m.rolesRevoked({ ...factsOf(2), before: ['APPROVER', 'SIGNER'], after: ['SIGNER'] }),
      );
  });

  const reissued = ({ name, mail }: { name: string; mail: string }) =>
    m.initialPasswordReissued({
      ...factsOf(2),
      ...{ name, mail, credentialId: 'new', replacedCredentialId: 'credential-2' },
    });

  it('EC-67 a corrected mail address gets an initial password of its own, but never in place of a chosen one', () => {
    const moved = { ...attributes(2), mail: 'right@example.com' };
    const changed = m.partnerUserChanged({ ...factsOf(2), before: attributes(2), after: moved });
    const chosen = m.initialPasswordChanged({
      ...factsOf(2),
      ...{ credentialId: 'own', replacedCredentialId: 'credential-2' },
    });
    given(...offices, chosen)
      .when(change(2, moved))
      .then(changed);
    const login = (provenCredentialId: string) =>
      given(...offices, changed, reissued(moved)).when(
        m.changeOwnPassword({ vendorCode, provenCredentialId, credentialId: 'own' }),
        by('account-2'),
      );
    login('credential-2').thenRefused('CURRENT_PASSWORD_WRONG');
    login('new').then(m.initialPasswordChanged({ ...factsOf(2), credentialId: 'own', replacedCredentialId: 'new' }));
  });

  it('EC-67 records name and mails before and after, and nothing where nothing changes', () => {
    const after = { name: 'Sample Holder', mail: 'holder@example.com', secondaryMail: 'second@example.com' };
    given(...offices)
      .when(change(2, after))
      .then(m.partnerUserChanged({ ...factsOf(2), before: attributes(2), after }), reissued(after));
    given(...offices)
      .when(change(2, { ...after, mail: attributes(2).mail }))
      .then(
        m.partnerUserChanged({
          ...factsOf(2),
          before: attributes(2),
          after: { ...after, mail: attributes(2).mail },
        }),
      );
    given(...offices)
      .when(change(2))
      .thenNothing();
  });

  it('EC-67 refuses to take the last group administrator of the group, also from itself', () => {
    const unmade = change(1, { roles: ['SIGNER'] });
    given(...offices)
      .when(unmade)
      .thenRefused('LAST_GROUP_ADMINISTRATOR');
    const second = m.rolesGranted({
      ...factsOf(2),
      before: ['APPROVER'],
      after: ['GROUP_ADMINISTRATOR', 'APPROVER'],
    });
    expect(given(...offices, second).when(unmade).outcome.refusal).toBeUndefined();
  });

  it('EC-74 a member of another office does not exist for the administrator', () => {
    given(...offices)
      .when(change(3))
      .thenRefused('NOT_FOUND');
    given(...offices)
      .when(change(77))
      .thenRefused('NOT_FOUND');
  });

  it('EC-67 refuses blanks and no permission at all', () =>
    expect(errorsOf(given(...offices).when(change(2, { name: ' ', mail: '@', roles: [] })).outcome)).toEqual([
      'name:required',
      'mail:mail',
      'roles:atLeastOne',
    ]));
});

describe('deleting a user', () => {
  const remove = (branch: number) => m.deletePartnerUser({ vendorCode, userId: m.userIdOf(vendorCode, branch) });

  it('EC-68 keeps who it was', () =>
    given(...offices)
      .when(remove(2))
      .then(
        m.partnerUserDeleted({
          ...factsOf(2),
          ...attributes(2),
          credentialId: 'credential-2',
          roles: ['APPROVER'],
        }),
      ));

  it('EC-68 is for administrators of the group, and never ends its last one', () => {
    given(...offices)
      .when(remove(1), by('account-2'))
      .thenRefused('NOT_PERMITTED');
    given(...offices)
      .when(remove(1))
      .thenRefused('LAST_GROUP_ADMINISTRATOR');
    given(...offices)
      .when(remove(3))
      .thenRefused('NOT_FOUND');
    given(...offices)
      .when(remove(77))
      .thenRefused('NOT_FOUND');
  });
});

describe('passwords', () => {
  const change = (provenCredentialId: string | null) =>
    m.changeOwnPassword({ vendorCode, provenCredentialId, credentialId: 'new' });
  const replaced = { ...factsOf(2), credentialId: 'new', replacedCredentialId: 'credential-2' };

  it('EC-05 the first change is that of the initial password, later ones are not', () => {
    given(...offices)
      .when(change('credential-2'), by('account-2'))
      .then(m.initialPasswordChanged(replaced));
    given(...offices, m.initialPasswordChanged(replaced))
      .when(m.changeOwnPassword({ vendorCode, provenCredentialId: 'new', credentialId: 'newer' }), by('account-2'))
      .then(m.partnerUserPasswordChanged({ ...factsOf(2), credentialId: 'newer', replacedCredentialId: 'new' }));
  });

  it.each([null, 'one replaced meanwhile'])('EC-05 refuses a current password proven against %s', (proven) =>
    given(...offices)
      .when(change(proven), by('account-2'))
      .thenRefused('CURRENT_PASSWORD_WRONG'),
  );

  it('EC-05 is for members only', () =>
    given(...offices)
      .when(change(null), by('account-77'))
      .thenRefused('NOT_PERMITTED'));
});

describe('the link that sets a password', () => {
  const issue = (linkId = 'link-1', branch = 2) =>
    m.issuePasswordResetLink({ vendorCode, userId: m.userIdOf(vendorCode, branch), linkId });
  const issued = (linkId = 'link-1', expiresAt = '2026-07-02T00:00:00.000Z') =>
    m.passwordResetLinkIssued({ ...factsOf(2), ...sentTo, linkId, expiresAt });
  const sentTo = { name: attributes(2).name, mail: attributes(2).mail };
  const reset = m.resetPassword({ vendorCode, linkId: 'link-1', credentialId: 'new' });
  const done = m.passwordReset({
    ...factsOf(2),
    linkId: 'link-1',
    credentialId: 'new',
    replacedCredentialId: 'credential-2',
  });

  it('EC-07 lives for 24 hours from its issue', () => {
    given(...offices)
      .when(issue(), { ...bySystem, now: '2026-07-01T00:00:00.000Z' })
      .then(issued());
    given(...offices, issued())
      .when(reset, { now: '2026-07-01T23:59:59.999Z' })
      .then(done);
    given(...offices, issued())
      .when(reset, { now: '2026-07-02T00:00:00.000Z' })
      .thenRefused('RESET_LINK_DEAD');
  });

  it('EC-07 works once, and takes every other link of the person along', () => {
    const history = [...offices, issued(), issued('link-2'), done];
    given(...history)
      .when(reset)
      .thenRefused('RESET_LINK_DEAD');
    given(...history)
      .when(m.resetPassword({ vendorCode, linkId: 'link-2', credentialId: 'newer' }))
      .thenRefused('RESET_LINK_DEAD');
    given(...offices)
      .when(reset)
      .thenRefused('RESET_LINK_DEAD');
  });

  it('EC-07 dies with a change of the password and with one of the mail address it went to', () => {
    const changed = m.initialPasswordChanged({
      ...factsOf(2),
      credentialId: 'c',
      replacedCredentialId: 'credential-2',
    });
    given(...offices, issued(), changed)
      .when(reset)
      .thenRefused('RESET_LINK_DEAD');
    const moved = (mail: string) =>
      m.partnerUserChanged({ ...factsOf(2), before: attributes(2), after: { ...attributes(2), mail, name: 'New' } });
    given(...offices, issued(), moved('other@example.com'))
      .when(reset)
      .thenRefused('RESET_LINK_DEAD');
    given(...offices, issued(), moved(attributes(2).mail))
      .when(reset)
      .then(done);
  });

  it('EC-07 is issued by the service only, and to nobody who is gone', () => {
    given(...offices)
      .when(issue())
      .thenRefused('NOT_PERMITTED');
    given(...offices)
      .when(issue('link-1', 77), bySystem)
      .thenNothing();
  });

  it('EC-07 five links an hour to an address and twenty to a company, whoever of it is named', () => {
    const at = (branch: number, mail: string) =>
      m.passwordResetLinkIssued({
        ...{ ...factsOf(branch), name: 'x', mail, linkId: `link-${branch}` },
        expiresAt: '2026-07-02T00:00:00.000Z',
      });
    const asked = (history: m.PartnerEvent[], now: string) =>
      given(...offices, ...history).when(issue('next', 2), { ...bySystem, now }).outcome.events.length;
    const toOne = Array.from({ length: 5 }, (_, n) => at(n + 10, attributes(2).mail.toUpperCase()));
    const toMany = Array.from({ length: 20 }, (_, n) => at(n + 10, `other${n}@example.com`));
    for (const history of [toOne, toMany]) {
      expect(asked(history.slice(1), '2026-07-01T00:59:59.999Z')).toBe(1);
      expect(asked(history, '2026-07-01T00:59:59.999Z')).toBe(0);
      expect(asked(history, '2026-07-01T01:00:00.000Z')).toBe(1);
    }
  });

  it('EC-05, EC-07 a password set by the link is no initial one', () =>
    given(...offices, issued(), done)
      .when(m.changeOwnPassword({ vendorCode, provenCredentialId: 'new', credentialId: 'newer' }), by('account-2'))
      .then(m.partnerUserPasswordChanged({ ...factsOf(2), credentialId: 'newer', replacedCredentialId: 'new' })));
});

describe('the registration notice', () => {
  const record = m.recordRegistrationNoticeSent({
    ...{ vendorCode, accountId: 'account-2', credentialId: 'credential-2', notificationId: 'n-1' },
  });
  const sent = m.registrationNoticeSent({ ...factsOf(2), notificationId: 'n-1' });

  it('EC-03 is recorded once, by the service', () => {
    given(...offices)
      .when(record, bySystem)
      .then(sent);
    given(...offices, sent)
      .when(record, bySystem)
      .thenNothing();
    given().when(record, bySystem).thenNothing();
    const reissued = m.initialPasswordReissued({
      ...{ ...factsOf(2), name: 'x', mail: 'right@example.com' },
      ...{ credentialId: 'new', replacedCredentialId: 'credential-2' },
    });
    // The notice with the replaced password was still on its way.
    given(...offices, reissued)
      .when(record, bySystem)
      .thenNothing();
    given(...offices, sent, reissued)
      .when(m.recordRegistrationNoticeSent({ ...record.data, credentialId: 'new', notificationId: 'n-2' }), bySystem)
      .then(m.registrationNoticeSent({ ...factsOf(2), notificationId: 'n-2' }));
    given(...offices)
      .when(record)
      .thenRefused('NOT_PERMITTED');
  });
});
