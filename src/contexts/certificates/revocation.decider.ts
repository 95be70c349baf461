import { accept, type Moment, type Outcome, refuse } from '../../kernel/decider.js';
import type { MessageOf } from '../../kernel/message.js';
import { validate } from '../../kernel/policies.js';
import { invalid, refusal, type Refusal } from '../../kernel/refusal.js';
import * as m from './messages.js';
import { type Certificate, standingAt } from './state.js';

type Decision = Outcome<m.CertificateEvent>;

/** What the holder tells, in the words that verifiers understand. What may be in strange hands is compromised. */
const REASON_OF: Readonly<Record<m.Cause, m.Reason>> = {
  lost: 'keyCompromise',
  stolen: 'keyCompromise',
  leaked: 'keyCompromise',
  damaged: 'cessationOfOperation',
  endOfUse: 'cessationOfOperation',
  changed: 'affiliationChanged',
};

/** Neither ended nor never begun: what can be revoked. */
const revocable = (state: Certificate, now: Date): boolean => ['issued', 'active'].includes(standingAt(state, now));

/** What the applicant wrote has a stream of its own; here it becomes a matter of this certificate. */
export const decideRequest = (
  { data }: MessageOf<typeof m.requestRevocation>,
  state: Certificate,
  { now, actor }: Moment,
): Decision => {
  if (actor.kind !== 'system') return refuse(refusal('NOT_PERMITTED', { permission: 'system' }));
  // What has ended meanwhile needs no end.
  if (!revocable(state, now) || state.requests[data.requestId] !== undefined) return accept();
  return accept(m.revocationRequested(data));
};

const staffFault = (state: Certificate, { actor, now }: Moment): Refusal | null => {
  if (actor.kind !== 'backOffice') return refusal('NOT_PERMITTED', { permission: 'back office' });
  if (!state.issued) return refusal('NOT_FOUND');
  const status = standingAt(state, now);
  return revocable(state, now) ? null : refusal('CERTIFICATE_STATE', { status });
};

/** Revoked at once and for good: only what was merely replaced could wait, and that is another service's. */
const revoked = (
  { issued }: Certificate,
  { now }: Moment,
  by: Pick<MessageOf<typeof m.certificateRevoked>['data'], 'by' | 'requestId' | 'reason'>,
): Decision => {
  const { certificateId, accountId, userId, holderMail, commonName, authorityId, serial, notBefore } = issued!;
  const of = { certificateId, accountId, userId, holderMail, commonName, authorityId, serial, notBefore };
  return accept(m.certificateRevoked({ ...of, ...by, effectiveAt: now.toISOString() }));
};

export const decideGrant = (
  { data: { requestId, reason } }: MessageOf<typeof m.grantRevocationRequest>,
  state: Certificate,
  moment: Moment,
): Decision => {
  const fault = staffFault(state, moment);
  if (fault) return refuse(fault);
  const cause = state.requests[requestId];
  if (cause === undefined) return refuse(refusal('REVOCATION_REQUEST_DECIDED'));
  return revoked(state, moment, { by: 'APPLICATION', requestId, reason: reason ?? REASON_OF[cause] });
};

export const decideDismissal = (
  { data }: MessageOf<typeof m.dismissRevocationRequest>,
  state: Certificate,
  moment: Moment,
): Decision => {
  const fault = staffFault(state, moment);
  if (fault) return refuse(fault);
  if (state.requests[data.requestId] === undefined) return refuse(refusal('REVOCATION_REQUEST_DECIDED'));
  const faults = validate('note', data.note, m.STATEMENT);
  return faults.length > 0 ? refuse(invalid(faults)) : accept(m.revocationRequestDismissed(data));
};

export const decideRevocation = (
  { data: { by, reason } }: MessageOf<typeof m.revokeCertificate>,
  state: Certificate,
  moment: Moment,
): Decision => {
  const fault = staffFault(state, moment);
  return fault ? refuse(fault) : revoked(state, moment, { by, requestId: null, reason });
};
