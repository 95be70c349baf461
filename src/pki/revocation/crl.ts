import { setImmediate } from 'node:timers/promises';
import type { Authority } from '../authorities/authority.js';
import { authorityKeyIdentifier, distributionPointName, extension } from '../certificates/extensions.js';
import { enumerated, explicit, generalizedTime, integer, sequence, time, tlv, TAG, unsigned } from '../der/encode.js';
import { algorithmIdentifier } from '../keys/signature-algorithm.js';
import { signed } from '../keys/signer.js';
import { EXTENSION } from '../object-ids.js';
import { listPlace } from './list-name.js';
import { reasonCode, REVOCATION_REASONS, type RevocationReason } from './reasons.js';

export interface Revocation {
  /** Lower-case hex. */
  readonly serial: string;
  /** From when on the certificate is revoked; a deferred one lies in the future. */
  readonly effectiveAt: Date;
  readonly reason: RevocationReason;
  readonly expiresAt: Date;
}

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
/** Some 5 ms of work; then others get their turn. */
const ENTRIES_PER_TURN = 2000;

/** Entries are written one by one into DER: building objects first takes thirty times as long. */
export const writeCrl = async (authority: Authority, content: CrlContent): Promise<Buffer> => {
  const entries = await writeEntries(authority, content);
  const tbs = sequence(
    integer(VERSION_2),
    algorithmIdentifier(authority.signer.alg),
    authority.name,
    time(content.now),
    time(content.nextUpdate),
    // RFC 5280 §5.1.2.6: with nothing revoked, the field must be absent.
    ...(entries.length === 0 ? [] : [tlv(TAG.sequence, ...entries)]),
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

const writeEntries = async (authority: Authority, content: CrlContent): Promise<Buffer[]> => {
  const entries: Buffer[] = [];
  let written = 0;
  for await (const revocation of content.revocations) {
    if (!isListed(authority, content, revocation)) continue;
    entries.push(writeEntry(revocation));
    if (++written % ENTRIES_PER_TURN === 0) await setImmediate();
  }
  return entries;
};

/** Never an entry that is not in force yet, and none that has been seen expired on an earlier list. */
const isListed = (
  { listsExpired }: Authority,
  { now, previousUpdate }: CrlContent,
  { effectiveAt, expiresAt }: Revocation,
): boolean => effectiveAt <= now && (listsExpired || previousUpdate === undefined || expiresAt >= previousUpdate);

const REASON_EXTENSIONS: ReadonlyMap<RevocationReason, readonly Buffer[]> = new Map(
  (Object.keys(REVOCATION_REASONS) as RevocationReason[]).map((reason) => {
    const code = reasonCode(reason);
    return [reason, code === undefined ? [] : [sequence(extension(EXTENSION.cRLReason, enumerated(code)))]];
  }),
);

const writeEntry = ({ serial, effectiveAt, reason }: Revocation): Buffer =>
  sequence(unsigned(Buffer.from(serial, 'hex')), time(effectiveAt), ...(REASON_EXTENSIONS.get(reason) ?? []));
