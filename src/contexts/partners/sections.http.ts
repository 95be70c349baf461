import type { UserRow } from '../../../projections/partners/tables.js';
import { listOf, orNull, shape, text, yesNo } from '../../platform/http/documented.js';
import { rolesOf } from './items.http.js';

/** What stands in every seal, whoever's it is. */
const SEAL_INNER_TEXT = '電子契約';

/** Null where the user is no signer: then the detail has attributes only. */
export const SECTIONS = shape({
  certificate: orNull(shape({ state: text })),
  sealImage: orNull(shape({ outerText: text, innerText: text, editable: yesNo })),
  signingProxies: orNull(listOf(shape({ userId: text, name: text, mail: text }))),
});

export const sectionsOf = (user: UserRow, companyName: string) => {
  if (!rolesOf(user).includes('SIGNER')) return { certificate: null, sealImage: null, signingProxies: null };
  return {
    certificate: { state: 'none' },
    sealImage: { outerText: companyName, innerText: SEAL_INNER_TEXT, editable: false },
    // There is no command that makes one yet, so nobody has any.
    signingProxies: [],
  };
};
