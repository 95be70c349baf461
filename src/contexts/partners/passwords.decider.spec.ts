import { describe, it } from '@jest/globals';
import { by, factsOf, given, offices, vendorCode } from '../../../test/kit/partner-facts.js';
import * as m from './messages.js';

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
