import { unreachable } from '../../kernel/decider.js';
import type { MessageOf } from '../../kernel/message.js';
import type { Cause, CertificateEvent, certificateIssued } from './messages.js';

type Issued = MessageOf<typeof certificateIssued>['data'];

/** What is recorded of a certificate. `issued` and `active` end by the clock, whether a timer has woken or not. */
export type Certificate = Readonly<{
  issued: Issued | null;
  status: 'none' | 'issued' | 'active' | 'revoked' | 'expired';
  activeFrom: string | null;
  /** Given up before anything was recorded: nothing will be. */
  withdrawn: boolean;
  /** Requests nobody has decided yet, by id. */
  requests: Readonly<Record<string, Cause>>;
}>;

export const noCertificate: Certificate = {
  issued: null,
  status: 'none',
  activeFrom: null,
  withdrawn: false,
  requests: {},
};

const SECOND_MS = 1000;

/** A certificate is valid through its last second; this is the moment after. */
export const endOf = (notAfter: string): Date => new Date(Date.parse(notAfter) + SECOND_MS);

/** What may be said of a certificate at this moment. */
export type Standing = Certificate['status'];

export const standingAt = ({ issued, status, activeFrom }: Certificate, now: Date): Standing => {
  if (!issued || status === 'none' || status === 'revoked') return status;
  if (now >= endOf(issued.notAfter)) return 'expired';
  return activeFrom !== null && now.toISOString() >= activeFrom ? 'active' : 'issued';
};

const without = (requests: Certificate['requests'], requestId: string): Certificate['requests'] =>
  Object.fromEntries(Object.entries(requests).filter(([id]) => id !== requestId));

export const evolve = (state: Certificate, { type, data }: CertificateEvent): Certificate => {
  switch (type) {
    case 'certificates.CertificateIssued': {
      const activeFrom = data.activation === 'IMMEDIATE' ? data.notBefore : null;
      return { ...state, issued: data, status: 'issued', activeFrom };
    }
    case 'certificates.IssuanceWithdrawn':
      return { ...state, withdrawn: true };
    case 'certificates.CertificateActivationScheduled':
      return { ...state, activeFrom: data.activeFrom };
    case 'certificates.CertificateActivated':
      return { ...state, status: 'active' };
    case 'certificates.CertificateExpired':
      return { ...state, status: 'expired' };
    case 'certificates.RevocationRequested':
      return { ...state, requests: { ...state.requests, [data.requestId]: data.cause } };
    case 'certificates.RevocationRequestDismissed':
      return { ...state, requests: without(state.requests, data.requestId) };
    case 'certificates.CertificateRevoked':
      return { ...state, status: 'revoked', requests: {} };
    case 'certificates.CertificateTestSucceeded':
    case 'certificates.CertificateTestFailed':
    case 'certificates.CertificateFileTaken':
      return state;
    default:
      return unreachable(type);
  }
};
