import type { Decisions } from '../../platform/commands/decisions.js';
import type { HolderKeys } from '../../platform/pki/holder-keys.js';
import { type Reaction, reaction } from '../../platform/subscriptions/reactions.js';
import { notificationById } from '../notifications/lookups.js';
import { notificationSent } from '../notifications/messages.js';
import { applicationById } from './lookups.js';
import { MAIL_KINDS, type MailName } from './mail-orders.js';
import {
  applicationReturned,
  identityDocumentDeleted,
  identityDocumentUploaded,
  type NOTICE_KINDS,
  recordLinkSent,
  recordNoticeSent,
} from './messages.js';
import type { Papers } from './papers.js';

type Notice = (typeof NOTICE_KINDS)[number];

/** What it means for the application that a mail has left: a link begins its three days, or a fact is recorded. */
const MEANING: Readonly<Record<MailName, 'link' | Notice>> = {
  applicationLink: 'link',
  holderApprovalRequest: 'link',
  linkReminder: 'linkReminderSent',
  applicationAccepted: 'applicationAcceptedNoticeSent',
  issuanceCompleted: 'issuanceCompletedNoticeSent',
  reapplicationRequest: 'reapplicationRequestSent',
  applicationExpired: 'applicationEndedNoticeSent',
  applicationRejected: 'applicationEndedNoticeSent',
};
const BY_KIND = new Map(Object.entries(MEANING).map(([name, meaning]) => [MAIL_KINDS[name as MailName], meaning]));

export type ApplicationTools = Readonly<{ decisions: Decisions; papers: Papers; keys: HolderKeys }>;

export const applicationReactions = ({ decisions, papers, keys }: ApplicationTools): readonly Reaction[] => [
  reaction('applications-mails', [notificationSent], async ({ data }, send) => {
    const meaning = BY_KIND.get(data.kind as never);
    if (meaning === undefined) return;
    const { notificationId, processId: applicationId, sentAt } = data;
    if (meaning !== 'link') return send(recordNoticeSent({ applicationId, notice: meaning, notificationId, sentAt }));
    const linkId = (await notificationById(decisions, notificationId))?.facts['linkId'];
    if (linkId === undefined) throw new Error(`the mail ${notificationId} carried no link`);
    return send(recordLinkSent({ applicationId, linkId, sentAt }));
  }),
  reaction('applications-papers', [identityDocumentUploaded, identityDocumentDeleted], async ({ type, data }) => {
    const gone = type === 'applications.IdentityDocumentUploaded' ? data.replacedDocumentId : data.documentId;
    if (gone !== null) await papers.forget(gone);
  }),
  // A key that will never be certified is not kept.
  reaction('applications-keys', [applicationReturned], async ({ data }) => {
    const { keyId } = await applicationById(decisions, data.applicationId);
    if (keyId !== null) await keys.forget(keyId);
  }),
];
