import type { Section } from '../../../projections/certificates/queries.js';
import type { UserRow } from '../../../projections/partners/tables.js';
import { listOf, oneOf, orNull, shape, text, yesNo } from '../../platform/http/documented.js';
import { rolesOf } from './items.http.js';

/** What stands in every seal, whoever's it is. */
const SEAL_INNER_TEXT = '電子契約';

/** Null where the user is no signer: then the detail has attributes only. */
export const SECTIONS = shape({
  /** In short; the section itself is at `certificate` below the user. */
  certificate: orNull(shape({ state: oneOf('none', 'registered'), fileName: orNull(text) })),
  sealImage: orNull(shape({ outerText: text, innerText: text, editable: yesNo })),
  signingProxies: orNull(listOf(shape({ userId: text, name: text, mail: text }))),
});

export const sectionsOf = (user: UserRow, companyName: string, registered: Section | null) => {
  if (!rolesOf(user).includes('SIGNER')) return { certificate: null, sealImage: null, signingProxies: null };
  return {
    certificate: { state: registered ? 'registered' : 'none', fileName: registered?.section.file_name ?? null },
    sealImage: { outerText: companyName, innerText: SEAL_INNER_TEXT, editable: false },
    // There is no command that makes one yet, so nobody has any.
    signingProxies: [],
  };
};
