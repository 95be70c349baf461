import { addDays, type BusinessCalendar, dayOf, startOf } from '../../kernel/calendar.js';
import { accept, type Moment, type Outcome, refuse } from '../../kernel/decider.js';
import type { MessageOf } from '../../kernel/message.js';
import { validate } from '../../kernel/policies.js';
import { invalid, refusal } from '../../kernel/refusal.js';
import { linkFault } from './links.decider.js';
import * as m from './messages.js';
import type { Application } from './state.js';

type Decision = Outcome<m.ApplicationEvent>;

const BY_HOLDER = ['AwaitingHolderApproval', 'HolderInSession'] as const;
const REASON = { kind: 'prose', policy: { min: 1, max: 500 } } as const;
const REVIEW_BUSINESS_DAYS = 5;

/** The end of the fifth business day after: from the next midnight in Japan on, the review is overdue. */
export const reviewDueFrom = (moment: Date, calendar: BusinessCalendar): string =>
  startOf(addDays(calendar.businessDayAfter(dayOf(moment), REVIEW_BUSINESS_DAYS), 1)).toISOString();

/** Only a link that this application waits for proves the holder; the agent's does not. */
const holderFault = (application: Application, linkId: string, now: Date) => {
  const fault = linkFault(application, linkId, BY_HOLDER, now);
  const agents = application.registration?.applicantType === 'agent' && linkId === application.applicantLink?.linkId;
  return fault && agents ? refusal('NOT_FOUND') : fault;
};

export const decideHolderSummary = (
  { data }: MessageOf<typeof m.downloadHolderSummary>,
  application: Application,
  { now }: Moment,
): Decision => {
  const fault = holderFault(application, data.linkId, now);
  return fault ? refuse(fault) : accept(m.holderSummaryDownloaded({ applicationId: data.applicationId }));
};

export const decideApproval = (
  { data }: MessageOf<typeof m.approveIssuanceApplication>,
  application: Application,
  { now, calendar }: Moment,
): Decision => {
  const { applicationId, linkId, keyId, confirmed, withoutSummary } = data;
  const fault = holderFault(application, linkId, now);
  if (fault) return refuse(fault);
  if (!application.summarySaved && !withoutSummary) return refuse(refusal('SUMMARY_NOT_SAVED'));
  if (!confirmed) return refuse(refusal('APPROVAL_TO_CONFIRM'));
  return accept(
    m.issuanceApplicationApprovedByHolder({ applicationId, keyId, reviewDueAt: reviewDueFrom(now, calendar) }),
  );
};

export const decideRejection = (
  { data }: MessageOf<typeof m.rejectIssuanceApplication>,
  application: Application,
  { now }: Moment,
): Decision => {
  const { applicationId, linkId, reason } = data;
  const fault = holderFault(application, linkId, now);
  if (fault) return refuse(fault);
  const faults = validate('reason', reason, REASON);
  if (faults.length > 0) return refuse(invalid(faults));
  return accept(m.issuanceApplicationRejectedByHolder({ applicationId, reason }));
};
