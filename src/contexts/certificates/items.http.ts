import type { RequestWithCertificate } from '../../../projections/certificates/queries.js';
import type { CertificateRow } from '../../../projections/certificates/tables.js';
import { inJapan } from '../../kernel/calendar.js';
import { listOf, moment, oneOf, orNull, text, whole, yesNo } from '../../platform/http/documented.js';
import { endOf } from './state.js';

const STATUSES = ['issued', 'active', 'revoked', 'expired'] as const;
export const STATUS = oneOf(...STATUSES);

/** The clock decides what is active or over, also while a timer is late. */
export const statusOf = (row: CertificateRow, now: Date): CertificateRow['status'] => {
  if (row.status === 'revoked') return 'revoked';
  if (now >= endOf(row.not_after)) return 'expired';
  return row.active_from !== null && now.toISOString() >= row.active_from ? 'active' : 'issued';
};

export const dayTime = (iso: string): string => inJapan(new Date(iso));
const orNone = (iso: string | null): string | null => iso && dayTime(iso);

export const CERTIFICATE_FIELDS = {
  id: text,
  type: text,
  status: STATUS,
  applicationId: text,
  tenant: text,
  holderUserId: text,
  holderName: text,
  companyName: text,
  commonName: text,
  serial: text,
  termYears: whole,
  validFrom: moment,
  validUntil: moment,
  activeFrom: orNull(moment),
  revokedAt: orNull(moment),
  revokedBy: orNull(text),
  reason: orNull(text),
  updatedAt: moment,
  actions: listOf(text),
};

export const certificateItem = (row: CertificateRow, now: Date) => {
  const status = statusOf(row, now);
  return {
    id: row.certificate_id,
    type: 'certificate',
    status,
    applicationId: row.application_id,
    tenant: row.tenant,
    holderUserId: row.user_id,
    holderName: row.holder_name,
    companyName: row.company_name,
    commonName: row.common_name,
    serial: row.serial,
    termYears: row.term_years,
    validFrom: dayTime(row.not_before),
    validUntil: dayTime(row.not_after),
    activeFrom: orNone(row.active_from),
    revokedAt: orNone(row.revoked_at),
    revokedBy: row.revoked_by,
    reason: row.reason,
    updatedAt: dayTime(row.updated_at),
    actions: status === 'issued' || status === 'active' ? ['revoke'] : [],
  };
};

/** `unmatched`: what was written names no certificate, or none that was found. */
export const REQUEST_STATUSES: readonly string[] = ['unmatched', 'waiting', 'granted', 'dismissed'];
export const REQUEST_FIELDS = {
  id: text,
  type: text,
  status: oneOf(...REQUEST_STATUSES),
  tenant: orNull(text),
  /** As it was typed; null where it was found. */
  named: orNull(text),
  certificateId: orNull(text),
  holderUserId: orNull(text),
  commonName: orNull(text),
  serial: orNull(text),
  cause: text,
  statement: text,
  mail: text,
  waitingSince: moment,
  dueAt: moment,
  overdue: yesNo,
  note: orNull(text),
  decidedBy: orNull(text),
  updatedAt: moment,
  actions: listOf(text),
};

export const requestItem = ({ request, certificate }: RequestWithCertificate, now: Date) => {
  const waiting = request.status === 'waiting';
  const unmatched = request.status === 'unmatched';
  const decidable = waiting && certificate && ['issued', 'active'].includes(statusOf(certificate, now));
  return {
    id: request.request_id,
    type: 'revocationRequest',
    status: request.status,
    tenant: certificate?.tenant ?? null,
    named: request.named,
    certificateId: request.certificate_id,
    holderUserId: certificate?.user_id ?? null,
    commonName: certificate?.common_name ?? null,
    serial: certificate?.serial ?? null,
    cause: request.cause,
    statement: request.statement,
    mail: request.mail,
    waitingSince: dayTime(request.requested_at),
    dueAt: dayTime(request.due_at),
    overdue: (waiting || unmatched) && now.toISOString() >= request.due_at,
    note: request.note,
    decidedBy: request.decided_by,
    updatedAt: dayTime(request.updated_at),
    actions: decidable ? ['grant', 'dismiss'] : unmatched ? ['assign', 'dismiss'] : [],
  };
};
