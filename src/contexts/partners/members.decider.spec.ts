import { describe, expect, it } from '@jest/globals';
import {
  attributes,
  by,
  errorsOf,
  factsOf,
  given,
  offices,
  staff,
  vendorCode,
} from '../../../test/kit/partner-facts.js';
import { derivedId } from '../../kernel/ids.js';
import * as m from './messages.js';

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
