import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { businessCalendar } from '../../kernel/calendar.js';
import { specify } from '../../../test/kit/given.js';
import type { Actor } from '../../kernel/actor.js';
import { fold } from '../../kernel/decider.js';
import { derivedId } from '../../kernel/ids.js';
import { clientCompanyDecider } from './decider.js';
import * as m from './messages.js';
import { noCompany, useOf } from './state.js';

const clientCode = 'C00123';
const standard = 'Standard A';
const acceptanceNumber = 'R-2026-001';
const M = 'account-m';
const staff: Actor = { kind: 'backOffice', id: 'staff-1', name: 'Sample Staff' };
const manager: Actor = { kind: 'user', id: M, name: 'kanri01' };
const asUser = (id: string): Actor => ({ kind: 'user', id, name: id });

const registered = m.clientCompanyRegistered({ clientCode, name: 'Example Bridge Construction Co.' });
const standardA = m.standardAdded({ clientCode, standard });
const standardB = m.standardAdded({ clientCode, standard: 'Standard B' });
const case1 = m.caseAdded({ clientCode, acceptanceNumber, standard });
const case2 = m.caseAdded({ clientCode, acceptanceNumber: 'R-2026-002', standard });
const caseB = m.caseAdded({ clientCode, acceptanceNumber: 'R-2026-101', standard: 'Standard B' });
const issued = m.managementAccountIssued({ clientCode, accountId: M, userId: 'kanri01', credentialId: 'first' });
const company = [registered, standardA, case1, case2, issued];

const user = (name: string) =>
  m.portalUserCreated({
    clientCode,
    accountId: name,
    userId: `${name}-id`,
    displayName: `User ${name}`,
    credentialId: `of-${name}`,
  });
const permission = (name: string, number = acceptanceNumber, of = standard) => ({
  clientCode,
  accountId: name,
  userId: `${name}-id`,
  acceptanceNumber: number,
  standard: of,
});
const sees = (name: string, number?: string, of?: string) => m.viewPermissionGranted(permission(name, number, of));
const does = (name: string, number?: string, of?: string) => m.procedurePermissionGranted(permission(name, number, of));
const grantView = (accountId: string, number = acceptanceNumber) =>
  m.grantViewPermission({ clientCode, accountId, acceptanceNumber: number });
const grantProcedure = (accountId: string, moveFrom: string | null = null, number = acceptanceNumber) =>
  m.grantProcedurePermission({ clientCode, accountId, acceptanceNumber: number, moveFrom });

const { given } = specify(clientCompanyDecider, manager);
const byStaff = { by: staff };

describe('the back office', () => {
  it('registers a company once', () => {
    const register = m.registerClientCompany({ clientCode, name: 'Example Bridge Construction Co.' });
    given().when(register, byStaff).then(registered);
    given(registered).when(register, byStaff).thenRefused('CLIENT_COMPANY_EXISTS', { clientCode });
  });

  it.each(['', 'c00123', 'C-1', 'C1', 'C'.repeat(17), 'Ｃ00123'])('refuses client code %j', (code) => {
    const { outcome } = given().when(m.registerClientCompany({ clientCode: code, name: '' }), byStaff);
    expect(outcome.refusal?.errors?.map(({ field }) => field)).toEqual(expect.arrayContaining(['clientCode', 'name']));
    expect(outcome.events).toEqual([]);
  });

  it('adds standards and cases, each once', () => {
    const addStandard = m.addStandard({ clientCode, standard });
    given(registered).when(addStandard, byStaff).then(standardA);
    given(registered, standardA).when(addStandard, byStaff).thenRefused('STANDARD_EXISTS', { standard });
    const addCase = m.addCase({ clientCode, acceptanceNumber, standard });
    given(registered).when(addCase, byStaff).thenRefused('NOT_FOUND');
    given(registered, standardA).when(addCase, byStaff).then(case1);
    given(registered, standardA, case1).when(addCase, byStaff).thenRefused('CASE_EXISTS', { acceptanceNumber });
    const wrong = m.addCase({ clientCode, acceptanceNumber: 'r 1', standard });
    given(registered, standardA).when(wrong, byStaff).thenRefused('VALIDATION_FAILED');
  });

  it('CN-04 issues exactly one management account', () => {
    const issue = m.issueManagementAccount({ clientCode, userId: 'kanri01', credentialId: 'first' });
    given(registered)
      .when(issue, byStaff)
      .then(m.managementAccountIssued({ ...issue.data, accountId: derivedId('command-1', 'account') }));
    given(...company)
      .when(issue, byStaff)
      .thenRefused('MANAGEMENT_ACCOUNT_EXISTS', { userId: 'kanri01' });
    given().when(issue, byStaff).thenRefused('NOT_FOUND');
    given(registered)
      .when(m.issueManagementAccount({ ...issue.data, userId: 'K' }), byStaff)
      .thenRefused('VALIDATION_FAILED');
  });

  it('issues the initial password anew, also after a change', () => {
    const reissue = m.reissueInitialPassword({ clientCode, credentialId: 'again' });
    const { accountId, userId } = issued.data;
    given(...company)
      .when(reissue, byStaff)
      .then(
        m.initialPasswordReissued({
          clientCode,
          accountId,
          userId,
          credentialId: 'again',
          replacedCredentialId: 'first',
        }),
      );
    given(registered).when(reissue, byStaff).thenRefused('MANAGEMENT_ACCOUNT_MISSING');
  });

  it('does not act as a customer, nor a customer as the back office', () => {
    given(...company)
      .when(grantView('a'), byStaff)
      .thenRefused('NOT_PERMITTED', { permission: 'user management' });
    given(...company)
      .when(m.addStandard({ clientCode, standard: 'X' }))
      .thenRefused('NOT_PERMITTED', { permission: 'back office' });
  });
});

describe('passwords', () => {
  const change = (provenCredentialId: string | null) =>
    m.changeOwnPassword({ clientCode, provenCredentialId, credentialId: 'new' });

  it('CN-09 changes that of the management account', () => {
    const { accountId, userId } = issued.data;
    given(...company)
      .when(change('first'))
      .then(
        m.managementAccountPasswordChanged({
          clientCode,
          accountId,
          userId,
          credentialId: 'new',
          replacedCredentialId: 'first',
        }),
      );
  });

  it.each([null, 'one replaced meanwhile'])('CN-09 refuses a current password proven against %s', (proven) =>
    given(...company)
      .when(change(proven))
      .thenRefused('CURRENT_PASSWORD_WRONG'),
  );

  it("changes a user's own, and nobody else's", () => {
    given(...company, user('a'))
      .when(change('of-a'), { by: asUser('a') })
      .then(
        m.portalUserPasswordChanged({
          clientCode,
          accountId: 'a',
          userId: 'a-id',
          credentialId: 'new',
          replacedCredentialId: 'of-a',
        }),
      );
    given(...company, user('a'))
      .when(change('of-a'), { by: asUser('deleted') })
      .thenRefused('NOT_PERMITTED');
  });
});

describe('users', () => {
  const create = (userId: string, displayName = 'Sample User') =>
    m.createPortalUser({ clientCode, userId, displayName, credentialId: 'c1' });

  it('CN-12 are created with no permission', () => {
    const accountId = derivedId('command-1', 'account');
    given(...company)
      .when(create('sample.user_1'))
      .then(m.portalUserCreated({ ...create('sample.user_1').data, accountId }));
  });

  it('CN-12 have an ID of their own in the company, which the management account shares', () => {
    given(...company, user('a'))
      .when(create('a-id'))
      .thenRefused('USER_ID_TAKEN', { userId: 'a-id' });
    given(...company)
      .when(create('kanri01'))
      .thenRefused('USER_ID_TAKEN');
  });

  it('CN-13, CN-14 name every broken rule of name and ID at once', () => {
    const { outcome } = given(...company).when(create('A@', 'あ'.repeat(33)));
    expect(outcome.refusal?.errors?.map(({ field, rule }) => [field, rule])).toEqual([
      ['displayName', 'maxLength'],
      ['userId', 'minLength'],
      ['userId', 'noUpperCase'],
      ['userId', 'allowedCharacters'],
    ]);
  });

  it('CN-18 are deleted with all they held, and the ID is free again', () => {
    const history = [...company, user('a'), sees('a'), sees('a', 'R-2026-002'), does('a')];
    const deletion = m.deletePortalUser({ clientCode, accountId: 'a' });
    const { outcome } = given(...history).when(deletion);
    expect(outcome.events).toEqual([
      m.procedurePermissionRevoked({ ...permission('a'), reason: 'userDeleted' }),
      m.viewPermissionRevoked(permission('a')),
      m.viewPermissionRevoked(permission('a', 'R-2026-002')),
      m.portalUserDeleted({ clientCode, accountId: 'a', userId: 'a-id', displayName: 'User a', credentialId: 'of-a' }),
    ]);
    const after = given(...history, ...outcome.events);
    after.when(deletion).thenRefused('NOT_FOUND');
    expect(after.when(create('a-id')).outcome.refusal).toBeUndefined();
  });

  it('CN-18 the management account cannot be deleted', () =>
    given(...company)
      .when(m.deletePortalUser({ clientCode, accountId: M }))
      .thenRefused('MANAGEMENT_ACCOUNT_STAYS'));

  it('CN-24 are at most five for each standard of the company', () => {
    const five = ['a', 'b', 'c', 'd', 'e'].map(user);
    given(...company, ...five)
      .when(create('sixth'))
      .thenRefused('USER_LIMIT', { max: 5, scope: clientCode });
    const more = given(...company, standardB, ...five).when(create('sixth'));
    expect(more.outcome.refusal).toBeUndefined();
  });
});

describe('view permission', () => {
  it('CN-20 is granted for one case', () =>
    given(...company, user('a'))
      .when(grantView('a'))
      .then(sees('a')));

  it('CN-20 is refused twice, for a foreign case and for a foreign user', () => {
    given(...company, user('a'), sees('a'))
      .when(grantView('a'))
      .thenRefused('VIEW_PERMISSION_EXISTS', { acceptanceNumber });
    given(...company, user('a'))
      .when(grantView('a', 'R-2026-999'))
      .thenRefused('NOT_FOUND');
    given(...company)
      .when(grantView('a'))
      .thenRefused('NOT_FOUND');
  });

  it('CN-07 only the management account grants', () =>
    given(...company, user('a'))
      .when(grantView('a'), { by: asUser('a') })
      .thenRefused('NOT_PERMITTED', { permission: 'user management' }));

  it('is revoked, but not under a procedure permission', () => {
    const revoke = m.revokeViewPermission({ clientCode, accountId: 'a', acceptanceNumber });
    given(...company, user('a'), sees('a'))
      .when(revoke)
      .then(m.viewPermissionRevoked(permission('a')));
    given(...company, user('a'), sees('a'), does('a'))
      .when(revoke)
      .thenRefused('PROCEDURE_PERMISSION_HELD', { acceptanceNumber });
    given(...company, user('a'))
      .when(revoke)
      .thenRefused('NOT_FOUND');
  });

  const users = ['a', 'b', 'c', 'd', 'e', 'f'].map(user);
  const fourViewers = ['a', 'b', 'c', 'd'].map((name) => sees(name));

  it('CN-24 a fifth view-only user waits for a procedure user', () =>
    given(...company, ...users, ...fourViewers)
      .when(grantView('e'))
      .thenRefused('VIEW_USER_LIMIT', { standard }));

  it('CN-24 one procedure user and four view users fill a standard; another standard has room', () => {
    const full = [...company, standardB, caseB, ...users, ...fourViewers, does('a'), sees('e')];
    given(...full)
      .when(grantView('f'))
      .thenRefused('USER_LIMIT', { max: 5, scope: standard });
    given(...full)
      .when(grantView('f', 'R-2026-101'))
      .then(sees('f', 'R-2026-101', 'Standard B'));
    given(...full)
      .when(grantView('b', 'R-2026-002'))
      .then(sees('b', 'R-2026-002'));
  });
});

describe('procedure permission', () => {
  const two = [...company, user('a'), user('b'), sees('a'), sees('b')];

  it('CN-22 needs view permission first', () => {
    given(...company, user('a'))
      .when(grantProcedure('a'))
      .thenRefused('VIEW_PERMISSION_FIRST', { acceptanceNumber });
    given(...two)
      .when(grantProcedure('a'))
      .then(does('a'));
    given(...two, does('a'))
      .when(grantProcedure('a'))
      .thenRefused('PROCEDURE_PERMISSION_EXISTS');
  });

  it('CN-23 moves in one step, once the person confirmed whom it is taken from', () => {
    given(...two, does('a'))
      .when(grantProcedure('b'))
      .thenRefused('PROCEDURE_USER_EXISTS', { holder: 'User a', holderUserId: 'a-id', user: 'User b' });
    given(...two, does('a'))
      .when(grantProcedure('b', 'a-id'))
      .then(m.procedurePermissionRevoked({ ...permission('a'), reason: 'moved' }), does('b'));
  });

  it('CN-23 asks again when the holder changed meanwhile', () =>
    given(...two, user('c'), sees('c'), does('c'))
      .when(grantProcedure('b', 'a-id'))
      .thenRefused('PROCEDURE_USER_EXISTS', { holder: 'User c', holderUserId: 'c-id', user: 'User b' }));

  it('is unticked only where four view users are not exceeded', () => {
    const untick = m.revokeProcedurePermission({ clientCode, accountId: 'a', acceptanceNumber });
    given(...two, does('a'))
      .when(untick)
      .then(m.procedurePermissionRevoked({ ...permission('a'), reason: 'unticked' }));
    given(...two)
      .when(untick)
      .thenRefused('NOT_FOUND');
    const others = ['c', 'd', 'e'];
    given(...two, does('a'), ...others.map(user), ...others.map((name) => sees(name)))
      .when(untick)
      .thenRefused('VIEW_USER_LIMIT', { standard });
  });
});

describe('procedures', () => {
  const submit = (number = acceptanceNumber) =>
    m.submitProcedure({ clientCode, acceptanceNumber: number, procedure: 'Surveillance application' });
  const history = [...company, user('p'), sees('p'), does('p'), sees('p', 'R-2026-002'), user('v'), sees('v')];

  it('CN-26 are submitted where the box is ticked', () =>
    given(...history)
      .when(submit(), { by: asUser('p') })
      .then(
        m.procedureSubmitted({
          ...permission('p'),
          procedureId: derivedId('command-1', 'procedure'),
          procedure: 'Surveillance application',
        }),
      ));

  it.each([
    ['CN-26 a procedure user elsewhere', 'p', 'R-2026-002', 'NOT_PERMITTED'],
    ['CN-25 a view user', 'v', acceptanceNumber, 'NOT_PERMITTED'],
    ['CN-25 a view user on another case', 'v', 'R-2026-002', 'NOT_FOUND'],
    ['CN-08 the management account', M, acceptanceNumber, 'NOT_PERMITTED'],
  ] as const)('%s is refused', (_, who, number, code) =>
    given(...history)
      .when(submit(number), { by: asUser(who) })
      .thenRefused(code),
  );
});

describe('material', () => {
  const file = { fileName: 'guide.pdf', mediaType: 'application/pdf', sizeBytes: 3, sha256: 'ab' };
  const add = m.addMaterial({ clientCode, acceptanceNumber, materialId: 'm1', ...file });
  const added = m.materialAdded(add.data);
  const history = [...company, user('v'), sees('v'), added];
  const download = (materialId: string, number = acceptanceNumber) =>
    m.downloadMaterial({ clientCode, acceptanceNumber: number, materialId });

  it('is added to a case of the company by the back office', () => {
    given(...company)
      .when(add, byStaff)
      .then(added);
    given(...company)
      .when(add)
      .thenRefused('NOT_PERMITTED', { permission: 'back office' });
    given(...company)
      .when(m.addMaterial({ ...add.data, acceptanceNumber: 'R-2026-999' }), byStaff)
      .thenRefused('NOT_FOUND');
    given(...company)
      .when(m.addMaterial({ ...add.data, fileName: 'a\u0000b' }), byStaff)
      .thenRefused('VALIDATION_FAILED');
  });

  it('CN-25 is downloaded by who may see its case, and the download is recorded', () =>
    given(...history)
      .when(download('m1'), { by: asUser('v') })
      .then(m.materialDownloaded({ ...permission('v'), materialId: 'm1' })));

  it.each([
    ['CN-25 of a case that is not granted', 'v', 'm1', 'R-2026-002', 'NOT_FOUND'],
    ['CN-25 that is not there', 'v', 'm2', acceptanceNumber, 'NOT_FOUND'],
    ['CN-16 by a user without permissions', 'nobody', 'm1', acceptanceNumber, 'NOT_FOUND'],
    ['by the management account', M, 'm1', acceptanceNumber, 'NOT_PERMITTED'],
  ] as const)('%s is refused', (_, who, materialId, number, code) =>
    given(...history)
      .when(download(materialId, number), { by: asUser(who) })
      .thenRefused(code),
  );
});

describe('the set-up', () => {
  const changed = m.managementAccountPasswordChanged({
    clientCode,
    accountId: M,
    userId: 'kanri01',
    credentialId: 'new',
    replacedCredentialId: 'first',
  });
  const completed = m.clientSetupCompleted({ clientCode });

  it('CN-27 is complete with the first ticked box, once', () => {
    const four = [...company, changed, user('a'), user('b'), sees('a'), sees('b')];
    given(...four)
      .when(grantProcedure('a'))
      .then(does('a'), completed);
    given(...four, does('a'), completed)
      .when(grantProcedure('a', null, 'R-2026-002'))
      .thenRefused('VIEW_PERMISSION_FIRST');
    given(...four, does('a'), completed)
      .when(grantProcedure('b', 'a-id'))
      .then(m.procedurePermissionRevoked({ ...permission('a'), reason: 'moved' }), does('b'));
  });

  it('CN-27 may end with the password', () =>
    given(...company, user('a'), sees('a'), does('a'))
      .when(m.changeOwnPassword({ clientCode, provenCredentialId: 'first', credentialId: 'new' }))
      .then(changed, completed));
});

it('CN-24 no sequence of commands ever exceeds a limit or gives a case two procedure users', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const start = [...company, standardB, caseB, ...names.map(user)];
  const cases = [acceptanceNumber, 'R-2026-002', 'R-2026-101'];
  const command = fc
    .tuple(
      fc.constantFrom(...names),
      fc.constantFrom(...cases),
      fc.constantFrom(...names),
      fc.integer({ min: 0, max: 9 }),
    )
    .map(([accountId, number, from, kind]): m.ClientCompanyCommand => {
      const target = { clientCode, accountId, acceptanceNumber: number };
      if (kind < 4) return m.grantViewPermission(target);
      if (kind < 7) return m.grantProcedurePermission({ ...target, moveFrom: `${from}-id` });
      if (kind === 7) return m.revokeViewPermission(target);
      return kind === 8 ? m.revokeProcedurePermission(target) : m.deletePortalUser({ clientCode, accountId });
    });
  fc.assert(
    fc.property(fc.array(command, { maxLength: 80 }), (commands) => {
      let state = fold({ initial: noCompany, evolve: clientCompanyDecider.evolve }, start);
      for (const each of commands) {
        const moment = { now: new Date(0), actor: manager, commandId: 'x', calendar: businessCalendar() };
        state = clientCompanyDecider.decide(each, state, moment).events.reduce(clientCompanyDecider.evolve, state);
        for (const of of state.standards) {
          const { users, viewOnly } = useOf(state, of);
          expect(users <= 5 && viewOnly <= 4).toBe(true);
        }
        for (const number of cases) {
          expect(state.users.filter(({ procedures }) => procedures.includes(number)).length).toBeLessThanOrEqual(1);
        }
        for (const { views, procedures } of state.users) {
          expect(procedures.every((number) => views.includes(number))).toBe(true);
        }
      }
    }),
    { numRuns: 200 },
  );
});

it('no event of the portal has a field for a secret, and names of people are marked', () => {
  for (const { schema, type, personalFields } of m.clientCompanyEvents) {
    const fields = Object.keys((schema as unknown as { shape: object }).shape);
    expect(fields.filter((field) => /password|hash|token|secret/i.test(field))).toEqual([]);
    const personal = fields.filter((field) => ['userId', 'displayName'].includes(field));
    expect([type, [...personalFields].sort()]).toEqual([type, personal.sort()]);
  }
});
