import type { Decisions } from '../../platform/commands/decisions.js';
import { certificateDecider } from './decider.js';
import { certificateStream, fileNameOf, signerStream } from './messages.js';
import { signerDecider } from './signer.decider.js';
import { type Certificate, standingAt } from './state.js';

/** What other contexts may know of a certificate: as its stream says now. */
export type KnownCertificate = Readonly<{
  certificateId: string;
  applicationId: string;
  tenant: string;
  accountId: string | null;
  userId: string;
  /** As it was when the certificate was applied for. */
  holderMail: string;
  /** Opened with the holder's PIN; null where the holder keeps the key. */
  keyId: string | null;
  authorityId: string;
  serial: string;
  commonName: string;
  companyName: string;
  notBefore: string;
  notAfter: string;
  activeFrom: string | null;
  status: Certificate['status'];
}>;

export const certificateById = async (
  decisions: Decisions,
  certificateId: string,
  now: Date,
): Promise<KnownCertificate | null> => {
  const { state } = await decisions.stateOf(certificateDecider, certificateStream(certificateId));
  if (!state.issued) return null;
  const { applicationId, tenant, accountId, userId, holderMail, keyId, authorityId, serial } = state.issued;
  const { commonName, companyName, notBefore, notAfter } = state.issued;
  const named = { certificateId, applicationId, tenant, accountId, userId, holderMail, keyId, authorityId, serial };
  const { activeFrom } = state;
  return { ...named, commonName, companyName, notBefore, notAfter, activeFrom, status: standingAt(state, now) };
};

/** What the signer's own stream must know of a certificate to take it in. */
export const candidateOf = (
  { certificateId, commonName, notBefore, notAfter, status }: KnownCertificate,
  { accountId, userId }: Readonly<{ accountId: string; userId: string }>,
) => {
  const usable = status === 'active';
  return { accountId, userId, certificateId, fileName: fileNameOf(commonName), notBefore, notAfter, usable };
};

/** The certificate with which this account signs, whatever has become of it since. */
export const certificateOfSigner = async (
  decisions: Decisions,
  accountId: string,
  now: Date,
): Promise<KnownCertificate | null> => {
  const { state } = await decisions.stateOf(signerDecider, signerStream(accountId));
  return state.section && certificateById(decisions, state.section.certificateId, now);
};
