import { inJapan } from '../../kernel/calendar.js';
import type { Decisions } from '../../platform/commands/decisions.js';
import { notificationIdOf, requestNotification } from '../notifications/messages.js';
import { groupAdministratorsOf, partnerUserByUserId } from '../partners/lookups.js';
import { partsOf } from '../partners/messages.js';
import { certificateById, certificateOfSigner, type KnownCertificate } from './lookups.js';
import { EXPIRES_TO_ADMINISTRATOR, EXPIRES_TO_HOLDER } from './mails.js';
import { SERVICE } from './register.js';

/** 2026/07/10 09:00:00 */
export const onPaper = (iso: string): string =>
  inJapan(new Date(iso)).slice(0, 19).replaceAll('-', '/').replace('T', ' ');

/** Of the group for which it was issued, as they are now: they must hear of it the more if the holder is no user any more. */
export const administratorsOf = async (decisions: Decisions, userId: string, groupId: string) => {
  const parts = partsOf(userId);
  return parts ? groupAdministratorsOf(decisions, { vendorCode: parts.vendorCode, groupId }) : [];
};

/** Whoever signs with a newer one already needs no other. */
const isReplaced = async (
  decisions: Decisions,
  { certificateId, accountId, notAfter }: KnownCertificate,
  now: Date,
) => {
  const registered = accountId === null ? null : await certificateOfSigner(decisions, accountId, now);
  if (!registered || registered.certificateId === certificateId) return false;
  return registered.status === 'active' && registered.notAfter > notAfter;
};

/** What holder and group administrators are told before a certificate ends; nothing of one that has ended. */
export const expiryReminders = async (decisions: Decisions, certificateId: string, daysLeft: number, now: Date) => {
  const certificate = await certificateById(decisions, certificateId, now);
  if (!certificate || (certificate.status !== 'issued' && certificate.status !== 'active')) return [];
  if (await isReplaced(decisions, certificate, now)) return [];
  const { userId, accountId, holderMail, tenant, commonName, serial, notAfter } = certificate;
  const facts = { commonName, userId, serial, validUntil: onPaper(notAfter) };
  const mail = (kind: string, recipient: string, recipientKey: string) => {
    const notificationId = notificationIdOf(certificateId, kind, `${recipientKey} ${daysLeft}`);
    return requestNotification({
      ...{ notificationId, kind, service: SERVICE, tenant, processId: certificateId, recipient, facts },
    });
  };
  const user = await partnerUserByUserId(decisions, userId);
  const isUser = user !== null && user.accountId === accountId;
  const administrators = await administratorsOf(decisions, userId, tenant);
  return [
    mail(EXPIRES_TO_HOLDER, isUser ? user.mails.mail : holderMail, 'holder'),
    ...administrators
      .filter((administrator) => administrator.accountId !== accountId)
      .map(({ accountId: key, mails }) => mail(EXPIRES_TO_ADMINISTRATOR, mails.mail, key)),
  ];
};
