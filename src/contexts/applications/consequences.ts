import type { Decisions } from '../../platform/commands/decisions.js';
import type { HolderKeys } from '../../platform/pki/holder-keys.js';
import { type Reaction, reaction } from '../../platform/subscriptions/reactions.js';
import { certificateById } from '../certificates/lookups.js';
import { certificateActivated, certificateRevoked, scheduleActivation } from '../certificates/messages.js';
import { notificationById } from '../notifications/lookups.js';
import { notificationFailed, notificationSent, notificationUnconfirmed } from '../notifications/messages.js';
import { applicationById } from './lookups.js';
import { MAIL_KINDS, type MailName, mailOrderOf } from './mail-orders.js';
import {
  applicationExpired,
  applicationReturned,
  certificateIssued,
  identityDocumentDeleted,
  identityDocumentUploaded,
  issuanceApplicationApprovedByHolder,
  issuanceApplicationRejectedByHolder,
  issuanceApplicationSubmitted,
  type NOTICE_KINDS,
  recordCertificateActivated,
  recordCertificateRevoked,
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

const APPROVAL_OVER = [
  issuanceApplicationApprovedByHolder,
  issuanceApplicationRejectedByHolder,
  applicationExpired,
  applicationReturned,
  certificateIssued,
];

const GIVEN_UP: readonly (string | undefined)[] = ['failed', 'unconfirmed'];

export type ApplicationTools = Readonly<{ decisions: Decisions; papers: Papers; keys: HolderKeys }>;

export const applicationReactions = ({ decisions, papers, keys }: ApplicationTools): readonly Reaction[] => [
  reaction('applications-mails', [notificationSent], async ({ data }, send) => {
    const meaning = BY_KIND.get(data.kind as never);
    if (meaning === undefined) return;
    const { notificationId, processId: applicationId, sentAt } = data;
    if (meaning === 'issuanceCompletedNoticeSent') {
      // The second business day counts from the completed mail, whichever of the two left first.
      const { certificateId } = await applicationById(decisions, applicationId);
      if (certificateId !== null) await send(scheduleActivation({ certificateId, noticeSentAt: sentAt }));
    }
    if (meaning !== 'link') return send(recordNoticeSent({ applicationId, notice: meaning, notificationId, sentAt }));
    const linkId = (await notificationById(decisions, notificationId))?.facts['linkId'];
    if (linkId === undefined) throw new Error(`the mail ${notificationId} carried no link`);
    return send(recordLinkSent({ applicationId, linkId, sentAt }));
  }),
  // Of nobody is it known that they were told. The certificate is there all the same: its days count from when that was clear.
  reaction(
    'applications-mails-failed',
    [notificationFailed, notificationUnconfirmed],
    async ({ data, metadata }, send) => {
      if (data.kind !== MAIL_KINDS.issuanceCompleted) return;
      const application = await applicationById(decisions, data.processId);
      const { certificateId } = application;
      if (certificateId === null) return;
      for (const { notificationId } of mailOrderOf(data.processId, application, 'issuanceCompleted', null))
        if (!GIVEN_UP.includes((await notificationById(decisions, notificationId))?.state)) return;
      await send(scheduleActivation({ certificateId, noticeSentAt: metadata.occurredAt }));
    },
  ),
  reaction('applications-papers', [identityDocumentUploaded, identityDocumentDeleted], async ({ type, data }) => {
    const uploaded = type === 'applications.IdentityDocumentUploaded';
    if (uploaded) await papers.recorded(data.documentId);
    const gone = uploaded ? data.replacedDocumentId : data.documentId;
    if (gone !== null) await papers.forget(gone);
  }),
  // From here on no scan is recorded any more: what a died upload has left behind is nobody's.
  reaction('applications-papers-left', [issuanceApplicationSubmitted, applicationExpired], ({ data }) =>
    papers.sweep(data.applicationId),
  ),
  reaction('applications-activation', [certificateActivated, certificateRevoked], async ({ type, data }, send) => {
    const { certificateId } = data;
    const isActive = type === certificateActivated.type;
    const at = new Date('dueAt' in data ? data.dueAt : data.effectiveAt);
    const certificate = await certificateById(decisions, certificateId, at);
    if (certificate === null) return;
    const { applicationId } = certificate;
    // Other services issue certificates, too.
    if ((await applicationById(decisions, applicationId)).certificateId !== certificateId) return;
    const about = { applicationId, certificateId };
    await send(isActive ? recordCertificateActivated(about) : recordCertificateRevoked(about));
  }),
  // A key that will never be certified is not kept.
  reaction('applications-keys', [applicationReturned], async ({ data }) => {
    const { keyId } = await applicationById(decisions, data.applicationId);
    if (keyId !== null) await keys.forget(keyId);
  }),
  // What an approval has left behind that died on the way, now that it is clear which key counts, or that none does.
  reaction('applications-keys-left', APPROVAL_OVER, async ({ data }) =>
    keys.forgetUnnamed(data.applicationId, (await applicationById(decisions, data.applicationId)).keyId),
  ),
];
