import { describe, expect, it } from '@jest/globals';
import { specify } from '../../../test/kit/given.js';
import { directoryDecider, groupIdOf } from './directory.decider.js';
import * as m from './messages.js';
import { REQUESTS_MAX, recoveryDecider } from './recovery.decider.js';

const staff = { kind: 'backOffice', id: 'staff-1', name: 'Sample Staff' } as const;

describe('the directory', () => {
  const { given } = specify(directoryDecider, staff);
  const owner = m.ownerCompanyRegistered({ companyCode: 'EX001', name: 'Example Owner Co.' });
  const partner = { companyCode: 'EX001', vendorCode: 'A10001', name: 'Example Bridge Construction Co.' };
  const registered = m.partnerCompanyRegistered({ ...partner, groupId: 'grp01' });

  it('EC-01 holds each company code and each vendor code once', () => {
    given().when(m.registerOwnerCompany(owner.data)).then(owner);
    given(owner).when(m.registerOwnerCompany(owner.data)).thenRefused('OWNER_COMPANY_EXISTS');
    given().when(m.registerPartnerCompany(partner)).thenRefused('NOT_FOUND');
    given(owner).when(m.registerPartnerCompany(partner)).then(registered);
    given(owner, registered).when(m.registerPartnerCompany(partner)).thenRefused('PARTNER_COMPANY_EXISTS');
  });

  it('EC-73 numbers the companies', () =>
    given(owner, registered)
      .when(m.registerPartnerCompany({ ...partner, vendorCode: 'A10002' }))
      .then(m.partnerCompanyRegistered({ ...partner, vendorCode: 'A10002', groupId: 'grp02' })));

  it('names every wrong value', () => {
    const { outcome } = given(owner).when(m.registerPartnerCompany({ ...partner, vendorCode: 'a-1', name: '' }));
    expect(outcome.refusal?.errors?.map(({ field }) => field)).toEqual(expect.arrayContaining(['vendorCode', 'name']));
    const wrong = given().when(m.registerOwnerCompany({ companyCode: 'X', name: ' ' }));
    expect(wrong.outcome.refusal?.errors?.map(({ field }) => field)).toEqual(['companyCode', 'name']);
  });

  it('is kept by the back office', () =>
    given()
      .when(m.registerOwnerCompany(owner.data), { by: { kind: 'user', id: 'u', name: 'u' } })
      .thenRefused('NOT_PERMITTED', { permission: 'back office' }));

  it.each([
    [1, 'grp01'],
    [99, 'grp99'],
    [100, 'grpA00'],
    [2_699, 'grpZ99'],
    [2_700, 'grpAA00'],
  ])('EC-73 gives company %i the group id %s', (number, id) => expect(groupIdOf(number)).toBe(id));

  it('EC-73 never gives two groups one id, offices included', () => {
    const ids = Array.from({ length: 10_100 }, (_, index) => groupIdOf(index + 1));
    const offices = ids.flatMap((id) => [`${id}01`, `${id}99`]);
    expect(new Set([...ids, ...offices]).size).toBe(ids.length * 3);
  });
});

describe('user IDs', () => {
  it.each([
    ['A1000101', { vendorCode: 'A10001', branch: 1 }],
    ['A1000199', { vendorCode: 'A10001', branch: 99 }],
    ['A1000100', null],
    ['a1000101', null],
    ['A1000101 ', null],
    ['one@example.com', null],
    ['', null],
  ])('EC-02 reads %s', (userId, parts) => expect(m.partsOf(userId)).toEqual(parts));
});

describe('asking for help with the login', () => {
  const { given } = specify(recoveryDecider, { kind: 'anonymous', id: 'anonymous', name: 'anonymous' });
  const ask = m.requestPasswordReset({ recoveryId: 'r', userId: 'A1000101' });
  const asked = (minute: number) =>
    m.passwordResetRequested({
      ...ask.data,
      requestedAt: new Date(Date.UTC(2026, 6, 1, 0, minute)).toISOString(),
    });

  it('EC-06, EC-07 is recorded whatever was typed, but not what', () => {
    given().when(ask, { now: '2026-07-01T00:00:00.000Z' }).then(asked(0));
    const remind = m.requestUserIdReminder({ recoveryId: 'r', bearers: [] });
    given()
      .when(remind, { now: '2026-07-01T00:00:00.000Z' })
      .then(m.userIdReminderRequested({ ...remind.data, requestedAt: '2026-07-01T00:00:00.000Z' }));
  });

  it('EC-06, EC-07 sends at most five mails an hour, and answers alike beyond', () => {
    const row = Array.from({ length: REQUESTS_MAX }, (_, minute) => asked(minute));
    given(...row)
      .when(ask, { now: '2026-07-01T00:59:59.999Z' })
      .thenNothing();
    given(...row)
      .when(ask, { now: '2026-07-01T01:00:00.000Z' })
      .then(asked(60));
  });
});
