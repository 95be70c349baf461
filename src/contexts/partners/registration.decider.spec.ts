import { describe, expect, it } from '@jest/globals';
import {
  attributes,
  bySystem,
  errorsOf,
  factsOf,
  given,
  group,
  offices,
  registered,
  registrant,
  registration,
  roles,
  staff,
  vendorCode,
} from '../../../test/kit/partner-facts.js';
import { derivedId } from '../../kernel/ids.js';
import * as m from './messages.js';

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
