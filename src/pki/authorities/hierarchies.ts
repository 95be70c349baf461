import { issue, type IssueOrder } from '../certificates/issue.js';
import type { IssuanceRegister } from '../certificates/serial.js';
import type { KeyKind } from '../keys/key-kinds.js';
import type { Signer } from '../keys/signer.js';
import { encodeName, type DistinguishedName } from '../names.js';
import type { ProfileId } from '../profiles/profile.js';
import { daysFrom } from '../profiles/term.js';
import { publicKeyBits } from '../keys/public-key-bits.js';
import { keyIdentifierOf, type Authority, type PublicPlaces } from './authority.js';
import { openAuthority, type AuthorityRole } from './open-authority.js';

export const HIERARCHY_IDS = ['signing', 'client', 'server'] as const;
export type HierarchyId = (typeof HIERARCHY_IDS)[number];

interface Definition {
  readonly title: string;
  readonly authorityProfile: ProfileId;
  readonly issues: readonly ProfileId[];
  readonly listsExpired: boolean;
}

/** Apart from the root down: whoever trusts one for one purpose trusts it for nothing else. */
const DEFINITIONS: Readonly<Record<HierarchyId, Definition>> = {
  signing: {
    title: 'Signing',
    authorityProfile: 'signing-authority',
    issues: ['personal-signing', 'ocsp-responder'],
    // Contracts are verified long after the signer's certificate has expired.
    listsExpired: true,
  },
  client: {
    title: 'Client',
    authorityProfile: 'client-authority',
    issues: ['client-authentication', 'ocsp-responder'],
    listsExpired: false,
  },
  server: {
    title: 'Server',
    authorityProfile: 'server-authority',
    issues: ['server-organization', 'server-extended', 'ocsp-responder'],
    listsExpired: false,
  },
};

/** Where the keys of authorities are: files, the vault, a token. Each id is one key for good. */
export interface SigningKeys {
  openOrMake(keyId: string, kind: KeyKind): Promise<Signer>;
}

export interface HierarchyOptions {
  /** Who runs the authorities, in any script: `株式会社例示認証`. */
  readonly organization: string;
  /** Where the public fetches lists and certificates and asks for states: `http://pki.example.com`. */
  readonly publicBase: string;
  readonly keys: SigningKeys;
  readonly register: IssuanceRegister;
  readonly now: Date;
  readonly rootKey?: KeyKind;
  readonly issuingKey?: KeyKind;
}

export interface Hierarchy {
  readonly root: Authority;
  readonly issuing: Authority;
}

const ROOT_DAYS = 9132;
const ISSUING_DAYS = 3653;

/** The root and the issuing authority of a hierarchy; made at the first call, the same ones ever after. */
export const openHierarchy = async (id: HierarchyId, options: HierarchyOptions): Promise<Hierarchy> => {
  const root = await openRoot(id, options);
  const { title, authorityProfile, issues, listsExpired } = DEFINITIONS[id];
  const signer = await options.keys.openOrMake(`${id}-issuing`, options.issuingKey ?? 'p-256');
  const order: IssueOrder = {
    issuanceId: `${id}-issuing`,
    profile: authorityProfile,
    subject: nameOf(options.organization, `${title} CA 1`),
    spki: signer.spki,
    validity: daysFrom(options.now, ISSUING_DAYS),
  };
  const certificate = await issue(root, order, options.register, options.now);
  const role = { id, places: placesOf(options.publicBase, id), issues, lists: 'per-quarter', listsExpired } as const;
  return { root, issuing: openAuthority(role, [certificate, root.certificate], signer, options.now) };
};

/** An issuing authority whose certificate another root has signed; that root's keys and lists are not here. */
export const givenAuthority = (
  id: HierarchyId,
  given: Readonly<{ chain: readonly Buffer[]; signer: Signer; publicBase: string; now: Date }>,
): Authority => {
  const { issues, listsExpired } = DEFINITIONS[id];
  const role = { id, places: placesOf(given.publicBase, id), issues, lists: 'per-quarter', listsExpired } as const;
  return openAuthority(role, given.chain, given.signer, given.now);
};

const openRoot = async (id: HierarchyId, options: HierarchyOptions): Promise<Authority> => {
  const { title, authorityProfile } = DEFINITIONS[id];
  const signer = await options.keys.openOrMake(`${id}-root`, options.rootKey ?? 'p-384');
  const role: AuthorityRole = {
    id: `${id}-root`,
    places: placesOf(options.publicBase, `${id}-root`),
    issues: ['root', authorityProfile, 'ocsp-responder'],
    lists: 'one',
    listsExpired: true,
  };
  const subject = nameOf(options.organization, `${title} Root CA 1`);
  const validity = daysFrom(options.now, ROOT_DAYS);
  // It signs itself, so it must exist before its certificate does.
  const unborn: Authority = {
    ...role,
    signer,
    name: encodeName(subject),
    keyIdentifier: keyIdentifierOf(publicKeyBits(signer.spki)),
    ...validity,
    certificate: Buffer.alloc(0),
    chain: [],
  };
  const order: IssueOrder = { issuanceId: role.id, profile: 'root', subject, spki: signer.spki, validity };
  const certificate = await issue(unborn, order, options.register, options.now);
  return openAuthority(role, [certificate], signer, options.now);
};

const nameOf = (organization: string, commonName: string): DistinguishedName => [
  ['country', 'JP'],
  ['organization', organization],
  ['commonName', commonName],
];

const placesOf = (base: string, id: string): PublicPlaces => ({
  crlFolder: `${base}/crl`,
  ocsp: `${base}/ocsp/${id}`,
  certificate: `${base}/certificates/${id}.cer`,
});
