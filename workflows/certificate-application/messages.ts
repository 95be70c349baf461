import { defineSignal } from '@temporalio/workflow';

/** What the process is told at its start; names of things only, never anything personal. */
export type Registered = Readonly<{ applicationId: string; applicantType: 'self' | 'agent' }>;
export type DatedLink = Readonly<{ linkId: string; expiresAt: string }>;
export type Approved = Readonly<{ reviewDueAt: string }>;

/** Each bears the name of the committed event that it comes from. */
export const applicationLinkIssued = defineSignal<[DatedLink]>('applicationLinkIssued');
export const applicationLinkSent = defineSignal<[DatedLink]>('applicationLinkSent');
export const issuanceApplicationSubmitted = defineSignal('issuanceApplicationSubmitted');
export const holderLinkIssued = defineSignal<[DatedLink]>('holderLinkIssued');
export const holderLinkSent = defineSignal<[DatedLink]>('holderLinkSent');
export const approvedByHolder = defineSignal<[Approved]>('approvedByHolder');
export const rejectedByHolder = defineSignal('rejectedByHolder');
export const issuanceOrdered = defineSignal('issuanceOrdered');
export const applicationReturned = defineSignal('applicationReturned');

export type Ending = 'expired' | 'rejected' | 'returned' | 'issued';
/** `early`: the clocks differ a little; `stands`: somebody was faster, and news of it is on the way. */
export type Expiry = 'expired' | 'early' | 'stands';
/** What the stream says of everything that the process is told of. */
export type Found = Readonly<{
  applicantLink: DatedLink | null;
  holderLink: DatedLink | null;
  submitted: boolean;
  reviewDueAt: string | null;
  rejected: boolean;
  orders: number;
  returned: boolean;
}>;
export type Release = 'expired' | 'rejected' | 'returned';
/** What of the mails of an application is asked for; to whom it goes, the context knows. */
export type MailOrder =
  | Readonly<{ mail: 'applicationLink' | 'holderApprovalRequest' | 'linkReminder'; linkId: string }>
  | Readonly<{
      mail:
        | 'applicationExpired'
        | 'applicationRejected'
        | 'applicationAccepted'
        | 'reapplicationRequest'
        | 'issuanceCompleted';
    }>;
