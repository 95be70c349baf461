import { describe, expect, it } from '@jest/globals';
import { attributes, by, bySystem, factsOf, given, offices, vendorCode } from '../../../test/kit/partner-facts.js';
import * as m from './messages.js';

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
