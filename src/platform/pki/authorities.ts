import { createHash, createPublicKey } from 'node:crypto';
import type { Authority } from '../../pki/authorities/authority.js';
import {
  givenAuthority,
  type HierarchyId,
  openHierarchy,
  type SigningKeys,
} from '../../pki/authorities/hierarchies.js';
import { pkcs11Signer } from '../../pki/keys/pkcs11/pkcs11-signer.js';
import { Pkcs11Token } from '../../pki/keys/pkcs11/token.js';
import type { Signer } from '../../pki/keys/signer.js';
import { termOf } from '../../pki/profiles/term.js';
import type { PkiConfig } from '../config/config.js';
import { readGivenChain, readGivenKey, readGivenPin } from './given-files.js';
import { asTrouble } from './pki-trouble.js';
import type { CertificateRegister } from './register.js';
import type { VaultSigningKeys } from './signing-keys.js';

/** The hierarchies that this service issues from; the others come with the services that need them. */
const SERVED = ['signing'] as const satisfies readonly HierarchyId[];

/** From an application to its certificate: two links of three days, and a review that may be overdue. */
const ISSUED_WITHIN_MS = 30 * 86_400_000;

type AuthorityStores = Readonly<{ keys: VaultSigningKeys; register: CertificateRegister }>;

/** The certification authorities of this service, by id; every process opens the same ones. */
export class Authorities {
  private constructor(
    readonly all: readonly Authority[],
    private readonly token: Pkcs11Token | null,
  ) {}

  /** Made at the first start unless given; the same ones ever after. */
  static async open(config: PkiConfig, stores: AuthorityStores, now: Date): Promise<Authorities> {
    try {
      return await Authorities.opened(config, stores, now);
    } catch (error) {
      throw asTrouble(error, config);
    }
  }

  private static async opened(config: PkiConfig, stores: AuthorityStores, now: Date): Promise<Authorities> {
    const token = config.pkcs11 === null ? null : openToken(config.pkcs11);
    // A token makes no keys at our wish: whoever runs it has made them, under the names of their authorities.
    const keys: SigningKeys = token ? { openOrMake: (keyId) => pkcs11Signer(token, keyId) } : stores.keys;
    if (config.chainFile !== null) return new Authorities([await given(config, keys, stores.keys, now)], token);
    const all: Authority[] = [];
    for (const id of SERVED) {
      const { organization, publicUrl: publicBase } = config;
      const { root, issuing } = await openHierarchy(id, {
        organization,
        publicBase,
        keys,
        register: stores.register,
        now,
      });
      all.push(root, issuing);
    }
    return new Authorities(all, token);
  }

  find(id: string): Authority | undefined {
    return this.all.find((authority) => authority.id === id);
  }

  issuing(id: (typeof SERVED)[number]): Authority {
    return this.find(id)!;
  }

  /** Whether a certificate of so many years, sold or applied for now, will still end before its authority does. */
  isLastingFor(years: number, now: Date): boolean {
    const issuedAt = new Date(now.getTime() + ISSUED_WITHIN_MS);
    return termOf(issuedAt, years).notAfter <= this.issuing('signing').notAfter;
  }

  close(): void {
    this.token?.close();
  }
}

const given = async (config: PkiConfig, keys: SigningKeys, vault: VaultSigningKeys, now: Date): Promise<Authority> => {
  const [id] = SERVED;
  const chain = readGivenChain(config.chainFile!);
  const signer =
    config.keyFile === null ? await keys.openOrMake(`${id}-issuing`, 'p-256') : await taken(config.keyFile, vault);
  return givenAuthority(id, { chain, signer, publicBase: config.publicUrl, now });
};

/** Kept under its own fingerprint, so that the key of a renewed authority takes its place beside the old one. */
const taken = async (keyFile: string, vault: VaultSigningKeys): Promise<Signer> => {
  const key = readGivenKey(keyFile);
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const keyId = `given-${createHash('sha256').update(spki).digest('hex').slice(0, 16)}`;
  return vault.bring(keyId, key.export({ type: 'pkcs8', format: 'der' }));
};

const openToken = ({ library, token, pinFile }: NonNullable<PkiConfig['pkcs11']>): Pkcs11Token =>
  Pkcs11Token.open({ library, tokenLabel: token, userPin: readGivenPin(pinFile) });
