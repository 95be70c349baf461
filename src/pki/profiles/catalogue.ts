import type { RevocationReason } from '../revocation/reasons.js';
import { COMMON_NAME_OF_A_PERSON } from './display-name.js';
import type { Profile, ProfileId, ValidityRule } from './profile.js';

const ALWAYS = '1970-01-01';
const days = (max: number): ValidityRule => ({ kind: 'max-days', maxDaysFrom: [[ALWAYS, max]] });

/** The steps by which browsers shorten server certificates. */
const SERVER_VALIDITY: ValidityRule = {
  kind: 'max-days',
  maxDaysFrom: [
    [ALWAYS, 398],
    ['2026-03-15', 200],
    ['2027-03-15', 100],
    ['2029-03-15', 47],
  ],
};

const STRONG_KEYS = ['rsa-3072', 'rsa-4096', 'p-256', 'p-384'] as const;
const ALL_KEYS = ['rsa-2048', ...STRONG_KEYS] as const;

const AUTHORITY_REASONS: readonly RevocationReason[] = ['cACompromise', 'superseded', 'cessationOfOperation'];
/** What the Baseline Requirements allow; leaving the code out stands for "unspecified". */
const SERVER_REASONS: readonly RevocationReason[] = [
  'unspecified',
  'keyCompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'privilegeWithdrawn',
];

/** An issuing authority is told by its EKU what it is for; without one it would count as a server authority. */
const issuingAuthority = (
  id: ProfileId,
  extendedKeyUsage: Profile['extendedKeyUsage'],
  policies: readonly string[],
): Profile => ({
  id,
  subject: { required: ['country', 'organization', 'commonName'], optional: [] },
  keys: STRONG_KEYS,
  validity: days(3653),
  authority: { pathLength: 0 },
  keyUsage: ['keyCertSign', 'cRLSign'],
  extendedKeyUsage,
  dnsNames: 'none',
  policies,
  statusPlaces: true,
  revocationReasons: AUTHORITY_REASONS,
});

const ANY_POLICY = '2.5.29.32.0';
const ORGANIZATION_VALIDATED = '2.23.140.1.2.2';
const EXTENDED_VALIDATION = '2.23.140.1.1';

const serverProfile = (id: ProfileId, policy: string, own: Pick<Profile, 'subject' | 'dnsNames'>): Profile => ({
  id,
  ...own,
  keys: ALL_KEYS,
  validity: SERVER_VALIDITY,
  keyUsage: ['digitalSignature'],
  extendedKeyUsage: ['serverAuth'],
  policies: [policy],
  statusPlaces: true,
  revocationReasons: SERVER_REASONS,
});

export const PROFILES: Readonly<Record<ProfileId, Profile>> = {
  root: {
    id: 'root',
    subject: { required: ['country', 'organization', 'commonName'], optional: [] },
    keys: STRONG_KEYS,
    validity: days(9132),
    authority: {},
    keyUsage: ['keyCertSign', 'cRLSign'],
    extendedKeyUsage: [],
    dnsNames: 'none',
    policies: [],
    statusPlaces: false,
    revocationReasons: [],
  },
  'signing-authority': issuingAuthority(
    'signing-authority',
    ['documentSigning', 'microsoftDocumentSigning', 'emailProtection'],
    [ANY_POLICY],
  ),
  'client-authority': issuingAuthority('client-authority', ['clientAuth'], [ANY_POLICY]),
  'server-authority': issuingAuthority(
    'server-authority',
    ['serverAuth'],
    [ORGANIZATION_VALIDATED, EXTENDED_VALIDATION],
  ),
  'personal-signing': {
    id: 'personal-signing',
    subject: {
      required: ['country', 'organization', 'commonName'],
      optional: ['surname', 'givenName'],
      commonName: COMMON_NAME_OF_A_PERSON,
    },
    keys: ALL_KEYS,
    validity: { kind: 'years', allowed: [1, 2, 3] },
    keyUsage: ['digitalSignature', 'nonRepudiation'],
    // emailProtection: validators built on NSS accept a document's signer only with it.
    extendedKeyUsage: ['documentSigning', 'microsoftDocumentSigning', 'emailProtection'],
    dnsNames: 'none',
    policies: [],
    statusPlaces: true,
    revocationReasons: SERVER_REASONS,
  },
  'client-authentication': {
    id: 'client-authentication',
    subject: { required: ['country', 'organization', 'commonName'], optional: ['organizationalUnit', 'serialNumber'] },
    keys: ALL_KEYS,
    validity: days(1096),
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: ['clientAuth'],
    dnsNames: 'none',
    policies: [],
    statusPlaces: true,
    revocationReasons: SERVER_REASONS,
  },
  'server-organization': serverProfile('server-organization', ORGANIZATION_VALIDATED, {
    subject: { required: ['country', 'stateOrProvince', 'organization', 'commonName'], optional: ['locality'] },
    dnsNames: 'exact-or-wildcard',
  }),
  'server-extended': serverProfile('server-extended', EXTENDED_VALIDATION, {
    subject: {
      required: [
        'jurisdictionCountry',
        'businessCategory',
        'serialNumber',
        'country',
        'stateOrProvince',
        'organization',
        'commonName',
      ],
      optional: ['locality'],
    },
    dnsNames: 'exact',
  }),
  'ocsp-responder': {
    id: 'ocsp-responder',
    subject: { required: ['country', 'organization', 'commonName'], optional: [] },
    keys: ['p-256', 'p-384'],
    validity: days(7),
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: ['ocspSigning'],
    dnsNames: 'none',
    policies: [],
    statusPlaces: false,
    revocationReasons: [],
  },
};
