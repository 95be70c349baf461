import type { Authority } from '../authorities/authority.js';
import { authorityKeyIdentifier, distributionPointName, extension } from '../certificates/extensions.js';
import { explicit, generalizedTime, integer, sequence, time } from '../der/encode.js';
import { algorithmIdentifier } from '../keys/signature-algorithm.js';
import { signed } from '../keys/signer.js';
import { EXTENSION } from '../object-ids.js';
import { writeEntries, type Revocation } from './crl-entries.js';
import { listPlace } from './list-name.js';

export interface CrlContent {
  readonly listName: string;
  readonly number: bigint;
  /** Of the list and of every entry in it, no date lies after this moment; the list is dated to its second. */
  readonly now: Date;
  readonly nextUpdate: Date;
  /** When the list before this one was made. */
  readonly previousUpdate?: Date;
  readonly revocations: Iterable<Revocation> | AsyncIterable<Revocation>;
}

const VERSION_2 = 1;

export const writeCrl = async (authority: Authority, content: CrlContent): Promise<Buffer> => {
  const entries = await writeEntries(content.revocations, (revocation) => isListed(authority, content, revocation));
  const tbs = sequence(
    integer(VERSION_2),
    algorithmIdentifier(authority.signer.alg),
    authority.name,
    time(content.now),
    time(content.nextUpdate),
    // RFC 5280 §5.1.2.6: with nothing revoked, the field must be absent.
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
    explicit(0, sequence(...extensionsOf(authority, content))),
  );
  return signed(authority.signer, tbs);
};

const extensionsOf = (authority: Authority, { listName, number }: CrlContent): Buffer[] => {
  const extensions = [authorityKeyIdentifier(authority.keyIdentifier), extension(EXTENSION.cRLNumber, integer(number))];
  if (authority.lists === 'per-quarter') {
    const part = sequence(distributionPointName(listPlace(authority, listName)));
    extensions.push(extension(EXTENSION.issuingDistributionPoint, part, true));
  }
  if (authority.listsExpired) {
    extensions.push(extension(EXTENSION.expiredCertsOnCRL, generalizedTime(authority.notBefore)));
  }
  return extensions;
};

/** Never an entry that is not in force yet, and none that has been seen expired on an earlier list. */
const isListed = (
  { listsExpired }: Authority,
  { now, previousUpdate }: CrlContent,
  { effectiveAt, expiresAt }: Revocation,
): boolean => effectiveAt <= now && (listsExpired || previousUpdate === undefined || expiresAt >= previousUpdate);
