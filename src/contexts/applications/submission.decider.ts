import { accept, type Moment, type Outcome, refuse } from '../../kernel/decider.js';
import { derivedId } from '../../kernel/ids.js';
import type { MessageOf } from '../../kernel/message.js';
import { invalid, refusal } from '../../kernel/refusal.js';
import { detailsFaults, holderFault } from './details.decider.js';
import { deadlineFrom, linkFault, wrongState } from './links.decider.js';
import * as m from './messages.js';
import type { Application } from './state.js';

type Decision = Outcome<m.ApplicationEvent>;

/** Resending is for lost mails, not for filling somebody's mailbox. */
export const HOLDER_LINKS_MAX = 5;

const opened = (application: Application, applicationId: string, linkId: string): m.ApplicationEvent[] =>
  application.status === 'AwaitingApplicantLink' ? [m.applicationLinkOpened({ applicationId, linkId })] : [];

const ENTERING = ['AwaitingApplicantLink', 'EnteringDetails'] as const;

export const decideAttachment = (
  { data }: MessageOf<typeof m.attachIdentityDocument>,
  application: Application,
  { now }: Moment,
): Decision => {
  const { linkId, ...document } = data;
  const fault = linkFault(application, linkId, ENTERING, now);
  if (fault) return refuse(fault);
  const replacedDocumentId = application.document?.documentId ?? null;
  return accept(
    ...opened(application, data.applicationId, linkId),
    m.identityDocumentUploaded({ ...document, replacedDocumentId }),
  );
};

export const decideSummary = (
  { data }: MessageOf<typeof m.downloadApplicationSummary>,
  application: Application,
  { now }: Moment,
): Decision => {
  const fault = linkFault(application, data.linkId, ENTERING, now);
  return fault ? refuse(fault) : accept(m.applicationSummaryDownloaded({ applicationId: data.applicationId }));
};

const holderLink = (applicationId: string, replacedLinkId: string | null, { commandId, now }: Moment) =>
  m.holderLinkIssued({
    applicationId,
    linkId: derivedId(commandId, 'holder link'),
    expiresAt: deadlineFrom(now),
    replacedLinkId,
  });

export const decideSubmission = (
  { data }: MessageOf<typeof m.submitIssuanceApplication>,
  application: Application,
  moment: Moment,
): Decision => {
  const { linkId, holderUser, applicantVendors, applicationId, ...entered } = data;
  const fault = linkFault(application, linkId, ENTERING, moment.now);
  if (fault) return refuse(fault);
  const faults = detailsFaults(entered);
  if (faults.length > 0) return refuse(invalid(faults));
  const registration = application.registration!;
  const stranger = holderFault(entered, registration, holderUser, applicantVendors);
  if (stranger) return refuse(stranger);
  if (!application.document) return refuse(refusal('IDENTITY_DOCUMENT_MISSING'));
  const { documentId } = application.document;
  const submitted: m.ApplicationEvent[] = [
    ...opened(application, applicationId, linkId),
    m.issuanceApplicationSubmitted({
      ...{ applicationId, ...entered, documentId },
      ...{ holderTenant: holderUser!.tenant, holderAccountId: holderUser!.accountId },
    }),
    m.applicantLinkUsed({ applicationId, linkId }),
  ];
  // In person the holder goes on with the same link, in the same session (EC-60).
  if (registration.applicantType === 'self') return accept(...submitted);
  return accept(...submitted, m.holderApprovalRequested({ applicationId }), holderLink(applicationId, null, moment));
};

/** The old link dies, the new one has its own three days; only while the old one still lives (decision 2). */
export const decideHolderLink = (
  { data: { applicationId } }: MessageOf<typeof m.requestHolderLink>,
  application: Application,
  moment: Moment,
): Decision => {
  if (application.status !== 'AwaitingHolderApproval') return refuse(wrongState(application));
  const current = application.holderLinks.at(-1)!;
  if (moment.now.toISOString() >= current.expiresAt) return refuse(refusal('LINK_EXPIRED'));
  if (application.holderLinks.length >= HOLDER_LINKS_MAX)
    return refuse(refusal('HOLDER_LINK_LIMIT', { max: HOLDER_LINKS_MAX }));
  return accept(holderLink(applicationId, current.linkId, moment));
};
