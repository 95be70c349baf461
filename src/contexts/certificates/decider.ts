import type { Actor } from '../../kernel/actor.js';
import { dayOf, startOf } from '../../kernel/calendar.js';
import { accept, type Decider, type Moment, type Outcome, refuse, unreachable } from '../../kernel/decider.js';
import type { MessageOf } from '../../kernel/message.js';
import { refusal } from '../../kernel/refusal.js';
import * as m from './messages.js';
import { decideDismissal, decideGrant, decideRequest, decideRevocation } from './revocation.decider.js';
import { type Certificate, endOf, evolve, noCertificate, standingAt } from './state.js';

type Decision = Outcome<m.CertificateEvent>;

const BUSINESS_DAYS_TO_ACTIVATION = 2;

const wrongState = (state: Certificate, now: Date): Decision =>
  refuse(refusal('CERTIFICATE_STATE', { status: standingAt(state, now) }));

const decideIssuance = ({ data }: MessageOf<typeof m.recordIssuance>, state: Certificate): Decision => {
  if (state.issued?.serial === data.serial) return accept();
  // The register gives one issuance one serial, so another one for the same application is somebody's mistake.
  if (state.issued) return refuse(refusal('CERTIFICATE_STATE', { status: state.status }));
  if (state.withdrawn) return refuse(refusal('CERTIFICATE_STATE', { status: 'withdrawn' }));
  return accept(m.certificateIssued(data));
};

/** Whichever reaches the stream first holds: what is recorded is somebody's, and ends by a revocation only. */
const decideWithdrawal = (
  { data }: MessageOf<typeof m.withdrawIssuance>,
  { issued, withdrawn }: Certificate,
  { now }: Moment,
): Decision =>
  issued || withdrawn ? accept() : accept(m.issuanceWithdrawn({ ...data, effectiveAt: now.toISOString() }));

const decideSchedule = (
  { data: { certificateId, noticeSentAt } }: MessageOf<typeof m.scheduleActivation>,
  { issued, status, activeFrom }: Certificate,
  { calendar }: Moment,
): Decision => {
  if (!issued) return refuse(refusal('NOT_FOUND'));
  // Of the two mails the first counts; a certificate that ended before it began needs no day.
  if (issued.activation !== 'SECOND_BUSINESS_DAY' || activeFrom !== null || status !== 'issued') return accept();
  const day = calendar.businessDayAfter(dayOf(new Date(noticeSentAt)), BUSINESS_DAYS_TO_ACTIVATION);
  const from = startOf(day).toISOString();
  return accept(m.certificateActivationScheduled({ certificateId, noticeSentAt, activeFrom: from }));
};

const decideActivation = (
  { data: { certificateId, activeFrom } }: MessageOf<typeof m.activateCertificate>,
  state: Certificate,
  { now }: Moment,
): Decision => {
  if (!state.issued) return refuse(refusal('NOT_FOUND'));
  if (state.status === 'active') return accept();
  const due = state.status === 'issued' && state.activeFrom === activeFrom && now.toISOString() >= activeFrom;
  return due ? accept(m.certificateActivated({ certificateId, dueAt: activeFrom })) : wrongState(state, now);
};

const decideExpiry = (
  { data: { certificateId, notAfter } }: MessageOf<typeof m.expireCertificate>,
  state: Certificate,
  { now }: Moment,
): Decision => {
  if (!state.issued) return refuse(refusal('NOT_FOUND'));
  // Revoked is final, and says more.
  if (state.status === 'expired' || state.status === 'revoked') return accept();
  const due = state.issued.notAfter === notAfter && now >= endOf(notAfter);
  const dueAt = endOf(notAfter).toISOString();
  return due ? accept(m.certificateExpired({ certificateId, dueAt })) : wrongState(state, now);
};

/** Using the key: only while the certificate is active, whatever timer has woken or not. */
const decideUse = (
  command: MessageOf<typeof m.recordCertificateTest> | MessageOf<typeof m.takeCertificateFile>,
  state: Certificate,
  { now }: Moment,
): Decision => {
  if (!state.issued) return refuse(refusal('NOT_FOUND'));
  const status = standingAt(state, now);
  if (status !== 'active') return refuse(refusal('CERTIFICATE_NOT_ACTIVE', { status }));
  const { certificateId, accountId, userId } = state.issued;
  const of = { certificateId, accountId, userId };
  if (command.type === 'certificates.TakeCertificateFile')
    return accept(m.certificateFileTaken({ ...of, form: command.data.form }));
  const { result } = command.data;
  if (result === 'succeeded') return accept(m.certificateTestSucceeded(of));
  const failed = m.certificateTestFailed({ ...of, cause: result });
  // A key that does not fit its certificate is no input of anybody's; the answer tells it.
  return result === 'pin' ? refuse(refusal('PIN_REFUSED'), failed) : accept(failed);
};

const OWN_PROCESSES = [
  'certificates.RecordIssuance',
  'certificates.WithdrawIssuance',
  'certificates.ScheduleActivation',
  'certificates.ActivateCertificate',
  'certificates.ExpireCertificate',
];

/** What only time or the register brings about is nobody's to say. */
const mayNot = (type: string, { kind }: Actor): boolean => OWN_PROCESSES.includes(type) && kind !== 'system';

export const certificateDecider: Decider<Certificate, m.CertificateCommand, m.CertificateEvent> = {
  stream: ({ data }) => m.certificateStream(data.certificateId),
  initial: noCertificate,
  events: m.certificateLifeEvents,
  evolve,
  decide(command, state, moment) {
    if (mayNot(command.type, moment.actor)) return refuse(refusal('NOT_PERMITTED', { permission: 'system' }));
    switch (command.type) {
      case 'certificates.RecordIssuance':
        return decideIssuance(command, state);
      case 'certificates.WithdrawIssuance':
        return decideWithdrawal(command, state, moment);
      case 'certificates.ScheduleActivation':
        return decideSchedule(command, state, moment);
      case 'certificates.ActivateCertificate':
        return decideActivation(command, state, moment);
      case 'certificates.ExpireCertificate':
        return decideExpiry(command, state, moment);
      case 'certificates.RecordCertificateTest':
      case 'certificates.TakeCertificateFile':
        return decideUse(command, state, moment);
      case 'certificates.RequestRevocation':
        return decideRequest(command, state, moment);
      case 'certificates.GrantRevocationRequest':
        return decideGrant(command, state, moment);
      case 'certificates.DismissRevocationRequest':
        return decideDismissal(command, state, moment);
      case 'certificates.RevokeCertificate':
        return decideRevocation(command, state, moment);
      default:
        return unreachable(command);
    }
  },
};
