import { describe, expect, it } from '@jest/globals';
import { type Actor, ANONYMOUS, SYSTEM } from '../../kernel/actor.js';
import { PROFILES } from '../../pki/profiles/catalogue.js';
import { specify } from '../../../test/kit/given.js';
import { certificateDecider } from './decider.js';
import * as m from './messages.js';
import { standingAt } from './state.js';

const STAFF: Actor = { kind: 'backOffice', id: 'lra', name: 'lra.staff' };
const MEMBER: Actor = { kind: 'user', id: 'account-1', name: 'A1000101' };
const { given } = specify(certificateDecider, SYSTEM);

const certificateId = 'c1';
const holder = { accountId: 'account-1', userId: 'A1000101' };
const NOT_AFTER = '2029-07-07T14:59:59.000Z';
const facts = {
  certificateId,
  applicationId: 'a1',
  tenant: 'grp01',
  ...holder,
  keyId: 'k1',
  authorityId: 'signing',
  profile: 'personal-signing',
  serial: 'ab01',
  fingerprint: 'ff',
  companyName: '見本橋梁建設株式会社',
  holderName: '見本 太郎',
  holderMail: 'holder@example.com',
  commonName: 'BN-Mihon.Taro',
  termYears: 3,
  notBefore: '2026-07-08T01:00:00.000Z',
  notAfter: NOT_AFTER,
  activation: 'SECOND_BUSINESS_DAY',
} as const;
const issued = m.certificateIssued(facts);
const ACTIVE_FROM = '2026-07-09T15:00:00.000Z';
const noticeSentAt = '2026-07-08T02:00:00.000Z';
const scheduled = m.certificateActivationScheduled({ certificateId, noticeSentAt, activeFrom: ACTIVE_FROM });
const activated = m.certificateActivated({ certificateId, dueAt: ACTIVE_FROM });
const revokedBy = (by: (typeof m.REVOKERS)[number], reason: m.Reason, requestId: string | null, effectiveAt: string) =>
  m.certificateRevoked({
    certificateId,
    ...holder,
    holderMail: 'holder@example.com',
    commonName: 'BN-Mihon.Taro',
    authorityId: 'signing',
    serial: 'ab01',
    notBefore: facts.notBefore,
    by,
    requestId,
    reason,
    effectiveAt,
  });
const NOW = '2026-07-10T00:00:00.000Z';
const revoked = revokedBy('LRA', 'keyCompromise', null, NOW);
const ask = { certificateId, requestId: 'r1', cause: 'stolen', statement: 'PC stolen', mail: 'a@example.com' } as const;
const asked = m.revocationRequested({ ...ask, dueAt: '2026-07-13T15:00:00.000Z' });

describe('an issuance that is withdrawn', () => {
  const made = { serial: 'ab01', notBefore: facts.notBefore };
  const about = { certificateId, applicationId: 'a1', authorityId: 'signing', made };
  const withdrawn = m.issuanceWithdrawn({ ...about, effectiveAt: NOW });
  const withdraw = m.withdrawIssuance(about);
  it('records nothing any more', () => {
    given().when(withdraw, { now: NOW }).then(withdrawn);
    given(withdrawn).when(withdraw, { now: NOW }).thenNothing();
    given(withdrawn).when(m.recordIssuance(facts)).thenRefused('CERTIFICATE_STATE');
  });
  it('leaves alone what is recorded, and is nobody’s to order', () => {
    given(issued).when(withdraw, { now: NOW }).thenNothing();
    given().when(withdraw, { by: STAFF }).thenRefused('NOT_PERMITTED');
  });
});

describe('a certificate', () => {
  it('is recorded once, however often it is told', () => {
    given().when(m.recordIssuance(facts)).then(issued);
    given(issued).when(m.recordIssuance(facts)).thenNothing();
    given(issued)
      .when(m.recordIssuance({ ...facts, serial: 'ab02' }))
      .thenRefused('CERTIFICATE_STATE');
  });

  it.each([
    ['2026-04-10T03:00:00.000Z', '2026-04-13T15:00:00.000Z', 'Friday: over the weekend to Tuesday'],
    ['2026-04-28T03:00:00.000Z', '2026-04-30T15:00:00.000Z', 'Tuesday before a holiday: Friday'],
    ['2026-04-10T14:59:59.999Z', '2026-04-13T15:00:00.000Z', 'the last moment of Friday in Japan'],
    ['2026-04-10T15:00:00.000Z', '2026-04-13T15:00:00.000Z', 'Saturday counts from Monday'],
    ['2026-12-28T03:00:00.000Z', '2027-01-04T15:00:00.000Z', 'over the end of the year'],
  ])('EC-59 told at %s, it is usable from %s (%s)', (sentAt, activeFrom) => {
    given(issued)
      .when(m.scheduleActivation({ certificateId, noticeSentAt: sentAt }))
      .then(m.certificateActivationScheduled({ certificateId, noticeSentAt: sentAt, activeFrom }));
  });

  it('EC-59 skips the days on which the house is closed, and uses those on which it works after all', () => {
    const schedule = m.scheduleActivation({ certificateId, noticeSentAt });
    const from = (activeFrom: string) => m.certificateActivationScheduled({ certificateId, noticeSentAt, activeFrom });
    given(issued)
      .when(schedule, { days: { holidays: ['2026-07-09'] } })
      .then(from('2026-07-12T15:00:00.000Z'));
    given(issued)
      .when(schedule, { days: { holidays: ['2026-07-09'], workdays: ['2026-07-11'] } })
      .then(from('2026-07-10T15:00:00.000Z'));
  });

  it('EC-59 keeps the day of the first of two mails', () =>
    given(issued, scheduled)
      .when(m.scheduleActivation({ certificateId, noticeSentAt: '2026-07-20T02:00:00.000Z' }))
      .thenNothing());

  it('EC-59 is activated at its deadline, not a millisecond before, and once', () => {
    const activate = m.activateCertificate({ certificateId, activeFrom: ACTIVE_FROM });
    given(issued, scheduled)
      .when(activate, { now: '2026-07-09T14:59:59.999Z' })
      .thenRefused('CERTIFICATE_STATE', { status: 'issued' });
    given(issued, scheduled).when(activate, { now: ACTIVE_FROM }).then(activated);
    given(issued, scheduled).when(activate, { now: '2026-08-01T00:00:00.000Z' }).then(activated);
    given(issued, scheduled, activated).when(activate, { now: ACTIVE_FROM }).thenNothing();
  });

  it('EC-59 is not activated by a timer that served another deadline, nor after its end', () => {
    const other = m.activateCertificate({ certificateId, activeFrom: '2026-07-01T15:00:00.000Z' });
    given(issued, scheduled).when(other, { now: NOW }).thenRefused('CERTIFICATE_STATE');
    given(issued, scheduled, revoked)
      .when(m.activateCertificate({ certificateId, activeFrom: ACTIVE_FROM }), { now: NOW })
      .thenRefused('CERTIFICATE_STATE', { status: 'revoked' });
  });

  it.each([
    ['2026-07-09T14:59:59.999Z', 'issued'],
    ['2026-07-09T15:00:00.000Z', 'active'],
    ['2029-07-07T14:59:59.999Z', 'active'],
    ['2029-07-07T15:00:00.000Z', 'expired'],
  ])('EC-59 at %s stands as %s, whether a timer has woken or not', (now, status) => {
    const state = [issued, scheduled].reduce(certificateDecider.evolve, certificateDecider.initial);
    expect(standingAt(state, new Date(now))).toBe(status);
  });

  it('expires after its last second', () => {
    const expire = m.expireCertificate({ certificateId, notAfter: NOT_AFTER });
    const dueAt = '2029-07-07T15:00:00.000Z';
    given(issued, scheduled, activated)
      .when(expire, { now: '2029-07-07T14:59:59.999Z' })
      .thenRefused('CERTIFICATE_STATE', { status: 'active' });
    given(issued, scheduled, activated)
      .when(expire, { now: dueAt })
      .then(m.certificateExpired({ certificateId, dueAt }));
    given(issued, revoked).when(expire, { now: dueAt }).thenNothing();
  });

  it('takes from nobody what only time and the register bring about', () => {
    given().when(m.recordIssuance(facts), { by: STAFF }).thenRefused('NOT_PERMITTED');
    given(issued, scheduled)
      .when(m.activateCertificate({ certificateId, activeFrom: ACTIVE_FROM }), { now: NOW, by: STAFF })
      .thenRefused('NOT_PERMITTED');
  });
});

describe('the use of a certificate', () => {
  const test = (result: 'succeeded' | 'pin' | 'signature') => m.recordCertificateTest({ certificateId, result });

  it('EC-78 leaves a mark of every test; a wrong PIN is refused and marked', () => {
    const by = { now: NOW, by: MEMBER };
    const of = { certificateId, ...holder };
    given(issued, scheduled, activated).when(test('succeeded'), by).then(m.certificateTestSucceeded(of));
    given(issued, scheduled, activated)
      .when(test('pin'), by)
      .thenRefused('PIN_REFUSED', {}, m.certificateTestFailed({ ...of, cause: 'pin' }));
    given(issued, scheduled, activated)
      .when(test('signature'), by)
      .then(m.certificateTestFailed({ ...of, cause: 'signature' }));
  });

  it.each([
    ['issued', [issued, scheduled], '2026-07-09T14:59:59.999Z'],
    ['expired', [issued, scheduled, activated], '2029-07-07T15:00:00.000Z'],
    ['revoked', [issued, scheduled, activated, revoked], NOW],
  ] as const)('is refused while it is %s', (status, history, now) => {
    given(...history)
      .when(test('succeeded'), { now, by: MEMBER })
      .thenRefused('CERTIFICATE_NOT_ACTIVE', { status });
    given(...history)
      .when(m.takeCertificateFile({ certificateId, form: 'modern' }), { now, by: MEMBER })
      .thenRefused('CERTIFICATE_NOT_ACTIVE', { status });
  });
});

describe('the revocation of a certificate', () => {
  const living = [issued, scheduled, activated] as const;
  const by = { now: NOW, by: STAFF };

  it('EC-61 is a matter of the certificate once it is known to be meant, and decided by staff', () => {
    given(...living)
      .when(m.requestRevocation({ ...asked.data }), { now: NOW, by: SYSTEM })
      .then(asked);
    given(...living, asked)
      .when(m.grantRevocationRequest({ certificateId, requestId: 'r1', reason: null }), by)
      .then(revokedBy('APPLICATION', 'keyCompromise', 'r1', NOW));
    given(...living, asked)
      .when(m.grantRevocationRequest({ certificateId, requestId: 'r1', reason: null }), { now: NOW, by: MEMBER })
      .thenRefused('NOT_PERMITTED');
  });

  it.each([
    ['lost', 'keyCompromise'],
    ['stolen', 'keyCompromise'],
    ['leaked', 'keyCompromise'],
    ['damaged', 'cessationOfOperation'],
    ['endOfUse', 'cessationOfOperation'],
    ['changed', 'affiliationChanged'],
  ] as const)('EC-61 says of "%s" what verifiers understand: %s', (cause, reason) => {
    given(...living, m.revocationRequested({ ...asked.data, cause }))
      .when(m.grantRevocationRequest({ certificateId, requestId: 'r1', reason: null }), by)
      .then(revokedBy('APPLICATION', reason, 'r1', NOW));
  });

  it('EC-61 may be granted for another reason, or dismissed, and is decided once', () => {
    given(...living, asked)
      .when(m.grantRevocationRequest({ certificateId, requestId: 'r1', reason: 'superseded' }), by)
      .then(revokedBy('APPLICATION', 'superseded', 'r1', NOW));
    const dismiss = m.dismissRevocationRequest({ certificateId, requestId: 'r1', note: 'a prank' });
    const dismissed = m.revocationRequestDismissed({ ...dismiss.data });
    given(...living, asked)
      .when(dismiss, by)
      .then(dismissed);
    given(...living, asked, dismissed)
      .when(dismiss, by)
      .thenRefused('REVOCATION_REQUEST_DECIDED');
    given(...living, asked, dismissed)
      .when(m.grantRevocationRequest({ certificateId, requestId: 'r1', reason: null }), by)
      .thenRefused('REVOCATION_REQUEST_DECIDED');
  });

  it('EC-61 an ended certificate needs no end, and however many ask, each request is kept', () => {
    given(...living, revoked)
      .when(m.requestRevocation({ ...asked.data }), { now: NOW })
      .thenNothing();
    given(...living, asked)
      .when(m.requestRevocation({ ...asked.data }), { now: NOW })
      .thenNothing();
    const many = Array.from({ length: 50 }, (_, n) => m.revocationRequested({ ...asked.data, requestId: `r${n + 2}` }));
    given(...living, ...many)
      .when(m.requestRevocation({ ...asked.data }), { now: NOW })
      .then(asked);
    for (const by of [ANONYMOUS, MEMBER, STAFF])
      given(...living)
        .when(m.requestRevocation({ ...asked.data }), { now: NOW, by })
        .thenRefused('NOT_PERMITTED');
  });

  it.each(['LRA', 'POLICY_BODY'] as const)('EC-62 is ordered by the %s at once', (who) => {
    given(...living)
      .when(m.revokeCertificate({ certificateId, by: who, reason: 'keyCompromise' }), by)
      .then(revokedBy(who, 'keyCompromise', null, NOW));
  });

  it('EC-62 needs no activation, is final, and is nothing for users', () => {
    const revoke = m.revokeCertificate({ certificateId, by: 'LRA', reason: 'keyCompromise' });
    given(issued).when(revoke, by).then(revoked);
    given(...living, revoked)
      .when(revoke, by)
      .thenRefused('CERTIFICATE_STATE', { status: 'revoked' });
    given(...living)
      .when(revoke, { now: '2029-07-07T15:00:00.000Z', by: STAFF })
      .thenRefused('CERTIFICATE_STATE', { status: 'expired' });
    given(...living)
      .when(revoke, { now: NOW, by: MEMBER })
      .thenRefused('NOT_PERMITTED');
    given().when(revoke, by).thenRefused('NOT_FOUND');
  });

  it('knows the reasons that the profile of a personal certificate allows, and no others', () => {
    expect([...m.REASONS].sort()).toEqual([...PROFILES['personal-signing'].revocationReasons].sort());
  });
});

it.each([
  ['BN-Mihon.Taro', 'mihon.pfx'],
  ['BN-Mihon.Taro(2)', 'mihon.pfx'],
  ['BN-M.T', 'm.pfx'],
])('EC-76 the certificate of %s is kept as %s', (commonName, fileName) =>
  expect(m.fileNameOf(commonName)).toBe(fileName),
);
