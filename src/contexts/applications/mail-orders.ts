import { inJapan } from '../../kernel/calendar.js';
import { notificationIdOf } from '../notifications/messages.js';
import { type Application, type Link, linksOf } from './state.js';

export const MAIL_KINDS = {
  applicationLink: 'applications.applicationLink',
  holderApprovalRequest: 'applications.holderApprovalRequest',
  linkReminder: 'applications.linkReminder',
  applicationAccepted: 'applications.applicationAccepted',
  issuanceCompleted: 'applications.issuanceCompleted',
  reapplicationRequest: 'applications.reapplicationRequest',
  applicationExpired: 'applications.applicationExpired',
  applicationRejected: 'applications.applicationRejected',
} as const;
export type MailName = keyof typeof MAIL_KINDS;

export type MailOrdered = Readonly<{
  notificationId: string;
  kind: string;
  recipient: string;
  facts: Readonly<Record<string, string>>;
}>;

/** `2026/07/04 10:00`, as it stands in letters. */
const inLetters = (moment: string): string =>
  inJapan(new Date(moment)).slice(0, 16).replaceAll('-', '/').replace('T', ' ');

const linkOf = (application: Application, linkId: string | null): Link | undefined =>
  linksOf(application).find((link) => link.linkId === linkId);

const isHolders = ({ holderLinks }: Application, linkId: string | null): boolean =>
  holderLinks.some((link) => link.linkId === linkId);

/** Who gets this mail and what it tells. A kind goes to a receiver once in an application; a new link is a new mail. */
export const mailOrderOf = (
  applicationId: string,
  application: Application,
  name: MailName,
  linkId: string | null,
): readonly MailOrdered[] => {
  const { registration, details } = application;
  const kind = MAIL_KINDS[name];
  const applicant = registration!.applicantMail;
  const holder = details?.holderMail ?? applicant;
  const holderName = details ? `${details.familyName} ${details.givenName}` : '';
  const to = (recipient: string, key: string, facts: Readonly<Record<string, string>> = {}): MailOrdered => ({
    notificationId: notificationIdOf(applicationId, kind, key),
    kind,
    recipient,
    facts: { applicationId, ...facts },
  });
  switch (name) {
    case 'applicationLink':
      return [to(applicant, linkId!, { linkId: linkId! })];
    case 'holderApprovalRequest':
      return [to(holder, linkId!, { linkId: linkId!, applicant, holderName })];
    case 'linkReminder': {
      const holders = isHolders(application, linkId);
      const expires = inLetters(linkOf(application, linkId)!.expiresAt);
      return [
        to(holders ? holder : applicant, linkId!, { linkId: linkId!, page: holders ? 'approval' : 'link', expires }),
      ];
    }
    case 'applicationAccepted':
      return [to(holder, 'holder', { holderName })];
    case 'issuanceCompleted':
      // To both; where they are one person, once.
      return registration!.applicantType === 'self'
        ? [to(holder, 'holder', { holderName })]
        : [to(applicant, 'applicant', { holderName }), to(holder, 'holder', { holderName })];
    case 'reapplicationRequest':
    case 'applicationExpired':
    case 'applicationRejected':
      return [to(applicant, 'applicant', { reason: application.endReason ?? '', holderName })];
  }
};
