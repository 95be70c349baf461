import type { Section } from '../../../projections/certificates/queries.js';
import type { CertificateRow } from '../../../projections/certificates/tables.js';
import { listOf, moment, oneOf, orNull, shape, text, whole } from '../../platform/http/documented.js';
import { dayTime, STATUS, statusOf } from './items.http.js';

const REGISTERED = shape({
  certificateId: text,
  fileName: text,
  status: STATUS,
  serial: text,
  commonName: text,
  updatedAt: moment,
  validUntil: moment,
  /** The same times as the page writes them. */
  shown: shape({ updatedAt: text, validUntil: text }),
  revokedAt: orNull(moment),
});
const WAITING = shape({ certificateId: text, status: STATUS, validUntil: moment, activeFrom: orNull(moment) });

export const SECTION = shape({
  id: text,
  type: text,
  status: oneOf('none', 'registered'),
  certificate: orNull(REGISTERED),
  /** Certificates of the same signer that are not registered: what a renewal may choose from, and what is coming. */
  others: listOf(WAITING),
  actions: listOf(text),
  version: whole,
});

/** 2026/07/10 00:00:00 */
const onThePage = (iso: string): string => dayTime(iso).slice(0, 19).replaceAll('-', '/').replace('T', ' ');

const registeredItem = ({ section, certificate }: Section, now: Date) => ({
  certificateId: certificate.certificate_id,
  fileName: section.file_name,
  status: statusOf(certificate, now),
  serial: certificate.serial,
  commonName: certificate.common_name,
  updatedAt: dayTime(section.registered_at),
  validUntil: dayTime(certificate.not_after),
  shown: { updatedAt: onThePage(section.registered_at), validUntil: onThePage(certificate.not_after) },
  revokedAt: certificate.revoked_at && dayTime(certificate.revoked_at),
});

const otherItem = (row: CertificateRow, now: Date) => ({
  certificateId: row.certificate_id,
  status: statusOf(row, now),
  validUntil: dayTime(row.not_after),
  activeFrom: row.active_from && dayTime(row.active_from),
});

export const sectionItem = (userId: string, registered: Section | null, all: readonly CertificateRow[], now: Date) => {
  const certificate = registered && registeredItem(registered, now);
  const others = all
    .filter((row) => row.certificate_id !== certificate?.certificateId)
    .map((row) => otherItem(row, now));
  const renewable = others.some(({ status }) => status === 'active');
  return {
    id: userId,
    type: 'certificateSection',
    status: certificate ? 'registered' : 'none',
    certificate,
    others,
    actions: [
      // The page has its four buttons (EC-76); what is chosen to renew by is judged when it is sent.
      ...(certificate || renewable ? ['renew'] : []),
      ...(certificate ? ['delete'] : []),
      ...(certificate?.status === 'active' ? ['test', 'download'] : []),
      // At the issuance site, which has a door of its own.
      'applyForIssuance',
    ],
  };
};
