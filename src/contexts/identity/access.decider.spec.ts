import { describe, expect, it } from '@jest/globals';
import { specify } from '../../../test/kit/given.js';
import { accessDecider } from './access.decider.js';
import * as m from './messages.js';
import type { AccessEvent } from './messages.js';
import { staffDecider } from './staff.decider.js';

const { given } = specify(accessDecider, {
  kind: 'anonymous',
  id: 'anonymous',
  name: 'anonymous',
});
const name = { accessId: 'x1', service: 'client-portal', tenant: 'C00123', loginId: 'kanri01' };
const accountId = 'account-m';
const HERE = m.strangerFrom('192.0.2.1');
const at = (minutes: number) => ({ now: new Date(Date.UTC(2026, 6, 1, 0, minutes)).toISOString() });

const tries = (proven: boolean, device = HERE) => m.recordLogin({ ...name, device, accountId, proven });
const wrong = (device = HERE) => m.loginFailed({ ...name, device, accountId, reason: 'wrong' });
const right = (device = HERE) => m.loginSucceeded({ ...name, device, accountId });
const lockedUntil = (minutes: number, device = HERE) => m.accountLocked({ ...name, device, until: at(minutes).now });
const times = (n: number, event: AccessEvent) => Array.from({ length: n }, () => event);

describe('logging in', () => {
  it('CN-05 succeeds with the right secret', () => given().when(tries(true)).then(right()));

  it('CN-05 fails with a wrong one, and the failure is recorded', () =>
    given().when(tries(false)).thenRefused('CREDENTIALS_WRONG', {}, wrong()));

  it('CN-05 fails alike for a name that nobody bears', () => {
    const stranger = m.recordLogin({ ...name, device: HERE, accountId: null, proven: true });
    given()
      .when(stranger)
      .thenRefused('CREDENTIALS_WRONG', {}, m.loginFailed({ ...wrong().data, accountId: null }));
  });

  it('locks with the fifth failure in a row, for half an hour', () =>
    given(...times(4, wrong()))
      .when(tries(false), at(0))
      .thenRefused('CREDENTIALS_WRONG', {}, wrong(), lockedUntil(30)));

  it('counts only failures in a row', () =>
    given(...times(4, wrong()), right())
      .when(tries(false))
      .thenRefused('CREDENTIALS_WRONG', {}, wrong()));

  it('answers a locked name alike whether the secret is right or wrong, and does not prolong the lock', () => {
    const locked = given(...times(5, wrong()), lockedUntil(30));
    const refused = m.loginFailed({ ...wrong().data, reason: 'locked' });
    for (const proven of [true, false]) {
      locked
        .when(tries(proven), at(29))
        .thenRefused('ACCOUNT_LOCKED', { until: '2026-07-01T09:30:00.000+09:00' }, refused);
    }
    given(...times(5, wrong()), lockedUntil(30), ...times(50, refused))
      .when(tries(true), at(30))
      .then(right());
  });

  it('starts a new row of tries after a lock has run out', () => {
    const after = [...times(5, wrong()), lockedUntil(30)];
    given(...after)
      .when(tries(false), at(31))
      .thenRefused('CREDENTIALS_WRONG', {}, wrong());
    given(...after, ...times(4, wrong()))
      .when(tries(false), at(35))
      .thenRefused('CREDENTIALS_WRONG', {}, wrong(), lockedUntil(65));
  });

  it('lets the browser in that logged in before, however often strangers guess', () =>
    given(right('d1'), ...times(5, wrong()), lockedUntil(30))
      .when(tries(true, 'd1'), at(1))
      .then(right('d1')));
});

describe('strangers who guess', () => {
  const from = (network: number) => m.strangerFrom(`198.51.100.${network}`);
  const guessedFrom = (networks: number) => Array.from({ length: networks }, (_, n) => times(4, wrong(from(n)))).flat();

  it('lock out nobody who comes from elsewhere', () =>
    given(...times(5, wrong(from(1))), lockedUntil(30, from(1)))
      .when(tries(true), at(1))
      .then(right()));

  it('are slowed down together where they come from many networks', () => {
    const nearly = [...guessedFrom(12), wrong(from(50))];
    given(...nearly)
      .when(tries(false, from(51)), at(0))
      .thenRefused('CREDENTIALS_WRONG', {}, wrong(from(51)), lockedUntil(30, m.STRANGERS));
    const locked = given(...nearly, wrong(from(51)), lockedUntil(30, m.STRANGERS));
    const refused = m.loginFailed({ ...wrong(from(99)).data, reason: 'locked' });
    locked
      .when(tries(true, from(99)), at(29))
      .thenRefused('ACCOUNT_LOCKED', { until: '2026-07-01T09:30:00.000+09:00' }, refused);
    locked.when(tries(true, from(99)), at(30)).then(right(from(99)));
    locked.when(tries(true, 'd1'), at(1)).then(right('d1'));
  });

  it('do not keep out who comes from where the account was logged in to before, whose tries are still counted', () => {
    const locked = [right(), ...guessedFrom(12), wrong(from(50)), wrong(from(51)), lockedUntil(30, m.STRANGERS)];
    given(...locked)
      .when(tries(true), at(1))
      .then(right());
    given(...locked, ...times(4, wrong()))
      .when(tries(false), at(1))
      .thenRefused('CREDENTIALS_WRONG', {}, wrong(), lockedUntil(31));
  });

  it('begin anew once somebody has logged in', () =>
    given(...guessedFrom(12), wrong(from(50)), right())
      .when(tries(false, from(51)))
      .thenRefused('CREDENTIALS_WRONG', {}, wrong(from(51))));
});

describe('releasing a lock', () => {
  const unlock = m.unlockAccount(name);
  const staff = { kind: 'backOffice', id: 's', name: 's' } as const;

  it('is for the back office, and opens every device', () => {
    const locked = given(...times(5, wrong()), lockedUntil(30), ...times(5, wrong('d1')), lockedUntil(30, 'd1'));
    locked.when(unlock).thenRefused('NOT_PERMITTED');
    locked.when(unlock, { by: staff }).then(m.accountUnlocked(name));
    const released = given(...times(5, wrong()), lockedUntil(30), m.accountUnlocked(name));
    released.when(tries(true), at(1)).then(right());
  });

  it('does nothing where nothing is locked', () => given(wrong()).when(unlock, { by: staff }).thenNothing());
});

describe('staff', () => {
  const staff = specify(staffDecider, { kind: 'system', id: 'system', name: 'system' });
  const register = m.registerStaff({
    staffId: 's1',
    loginId: 'back.office',
    name: 'Sample Staff',
    credentialId: 'c1',
    role: 'staff',
    initialPassword: true,
  });
  const registered = m.staffRegistered({
    staffId: 's1',
    loginId: 'back.office',
    name: 'Sample Staff',
    credentialId: 'c1',
  });
  const given = m.staffRoleGiven({ staffId: 's1', loginId: 'back.office', before: null, after: 'staff' });
  const issued = m.staffInitialPasswordIssued({
    staffId: 's1',
    loginId: 'back.office',
    credentialId: 'c1',
    replacedCredentialId: null,
  });

  it('has one bearer per login ID', () => {
    staff.given().when(register).then(registered, given, issued);
    const known = m.registerStaff({ ...register.data, initialPassword: false });
    staff.given().when(known).then(registered, given);
    staff.given(registered).when(register).thenRefused('STAFF_EXISTS', { loginId: 'back.office' });
  });

  it('is named by the rules, all at once', () => {
    const { outcome } = staff.given().when(m.registerStaff({ ...register.data, loginId: 'X', name: ' ' }));
    expect(outcome.refusal?.errors?.map(({ field }) => field)).toEqual(['loginId', 'loginId', 'name']);
  });

  it('is not registered by customers', () =>
    staff
      .given()
      .when(register, { by: { kind: 'user', id: 'u', name: 'u' } })
      .thenRefused('NOT_PERMITTED'));

  it('is given back to whoever runs the service, whatever became of the account, and to nobody else', () => {
    const command = m.rescueStaff({ staffId: 's1', credentialId: 'c2' });
    const was = { staffId: 's1', loginId: 'back.office' };
    const issued = m.staffInitialPasswordIssued({ ...was, credentialId: 'c2', replacedCredentialId: 'c1' });
    staff.given(registered).when(command).then(issued);
    staff
      .given(registered, m.staffRoleGiven({ ...was, before: 'administrator', after: 'auditor' }), m.staffLocked(was))
      .when(command)
      .then(m.staffUnlocked(was), m.staffRoleGiven({ ...was, before: 'auditor', after: 'administrator' }), issued);
    const by = { kind: 'backOffice', id: 'another', name: 'another' } as const;
    staff.given(registered).when(command, { by }).thenRefused('NOT_PERMITTED');
    staff.given().when(command).thenRefused('NOT_FOUND');
    const deleted = m.staffDeleted({ ...was, name: 'Back Office', credentialId: 'c1' });
    staff.given(registered, deleted).when(command).thenRefused('NOT_FOUND');
  });

  it('changes its own password against the one in force', () => {
    const change = (provenCredentialId: string | null) =>
      m.changeStaffPassword({ staffId: 's1', provenCredentialId, credentialId: 'c2' });
    const self = { by: { kind: 'backOffice', id: 's1', name: 'Sample Staff' } } as const;
    staff
      .given(registered)
      .when(change('c1'), self)
      .then(
        m.staffPasswordChanged({
          staffId: 's1',
          loginId: 'back.office',
          credentialId: 'c2',
          replacedCredentialId: 'c1',
        }),
      );
    staff.given(registered).when(change(null), self).thenRefused('CURRENT_PASSWORD_WRONG');
    staff.given(registered).when(change('c1')).thenRefused('NOT_FOUND');
  });
});
