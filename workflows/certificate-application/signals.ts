import {
  applicationLinkIssued,
  applicationLinkSent,
  applicationRegistered,
  applicationReturned,
  holderLinkIssued,
  holderLinkSent,
  issuanceApplicationApprovedByHolder,
  issuanceApplicationRejectedByHolder,
  issuanceApplicationSubmitted,
  issuanceOrdered,
} from '../../src/contexts/applications/messages.js';
import { type ProcessSignals, signalsOn, startsOn } from '../../src/platform/temporal/signals.js';
import type { Approved, DatedLink, Registered } from './messages.js';

/** An application id is a UUID of its own; the process bears it as it is. */
const tell = (applicationId: string, signal: string, ...args: readonly unknown[]) => ({
  workflowId: applicationId,
  signal,
  args,
});
type LinkData = DatedLink & Readonly<{ applicationId: string }>;
const dated = (signal: string, { applicationId, linkId, expiresAt }: LinkData) =>
  tell(applicationId, signal, { linkId, expiresAt } satisfies DatedLink);

/** Only what the process waits for, and nothing personal: its history is kept where people look for other things. */
export const certificateApplicationSignals: ProcessSignals = {
  process: 'certificate-application',
  wakes: [
    startsOn(applicationRegistered, ({ data: { applicationId, applicantType } }) => ({
      workflow: 'certificateApplication',
      workflowId: applicationId,
      args: [{ applicationId, applicantType } satisfies Registered],
    })),
    signalsOn(applicationLinkIssued, ({ data }) => dated('applicationLinkIssued', data)),
    signalsOn(applicationLinkSent, ({ data }) => dated('applicationLinkSent', data)),
    signalsOn(issuanceApplicationSubmitted, ({ data }) => tell(data.applicationId, 'issuanceApplicationSubmitted')),
    signalsOn(holderLinkIssued, ({ data }) => dated('holderLinkIssued', data)),
    signalsOn(holderLinkSent, ({ data }) => dated('holderLinkSent', data)),
    signalsOn(issuanceApplicationApprovedByHolder, ({ data: { applicationId, reviewDueAt } }) =>
      tell(applicationId, 'approvedByHolder', { reviewDueAt } satisfies Approved),
    ),
    signalsOn(issuanceApplicationRejectedByHolder, ({ data }) => tell(data.applicationId, 'rejectedByHolder')),
    signalsOn(issuanceOrdered, ({ data }) => tell(data.applicationId, 'issuanceOrdered')),
    signalsOn(applicationReturned, ({ data }) => tell(data.applicationId, 'applicationReturned')),
  ],
};
