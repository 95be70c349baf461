import { type Application, applicationById, mailOrderOf } from '../../src/contexts/applications/lookups.js';
import {
  applicationExpired,
  deleteIdentityDocument,
  expireLink,
  flagReviewOverdue,
  recordCertificateIssued,
  recordCertificateRevoked,
  recordIssuanceFailed,
  SERVICE,
} from '../../src/contexts/applications/messages.js';
import { certificateById } from '../../src/contexts/certificates/lookups.js';
import { certificateIdOf } from '../../src/contexts/certificates/messages.js';
import { type Issuance, NoHolderKey } from '../../src/contexts/certificates/issuance.commands.js';
import { requestNotification } from '../../src/contexts/notifications/messages.js';
import { partnerUserByUserId } from '../../src/contexts/partners/lookups.js';
import { consumeTicket, releaseTicket } from '../../src/contexts/tickets/messages.js';
import type { Clock } from '../../src/kernel/clock.js';
import type { Message } from '../../src/kernel/message.js';
import { ProfileViolation } from '../../src/pki/lint/lint.js';
import type { Decisions } from '../../src/platform/commands/decisions.js';
import { permanently, type ProcessCommands } from '../../src/platform/temporal/process-commands.js';
import type { DatedLink, Expiry, Found, MailOrder, Release } from './messages.js';

type Details = NonNullable<Application['details']>;

export type CertificateApplicationTools = Readonly<{
  decisions: Decisions;
  commands: ProcessCommands;
  issuance: Pick<Issuance, 'issue'>;
  clock: Clock;
}>;

/** Deleted, no signer any more, or another person under the same user ID. */
class HolderChanged extends Error {
  override readonly name = 'HolderChanged';
}

const isForReview = (error: unknown): error is Error =>
  error instanceof ProfileViolation || error instanceof NoHolderKey || error instanceof HolderChanged;

/** The application as its stream says now, and how its process sends commands about it. */
const knownBy =
  ({ decisions, commands }: CertificateApplicationTools) =>
  async (applicationId: string) => {
    const application = await applicationById(decisions, applicationId);
    const { registration, details } = application;
    if (!registration) throw permanently(`there is no registered application ${applicationId}`);
    const tenant = details?.holderTenant ?? registration.companyCode;
    const send = (step: string, message: Message) => commands.send(message, { step, tenant, service: SERVICE });
    return { application, registration, tenant, send };
  };

/**
 * Whose the certificate will be: the account that was named, if it may still sign; user IDs are given anew after somebody
 * is deleted. What an earlier attempt has issued stays whose it is.
 */
const holderAccountOf = async (
  { decisions, clock }: CertificateApplicationTools,
  applicationId: string,
  details: Details,
): Promise<string | null> => {
  const issued = await certificateById(decisions, certificateIdOf(applicationId), clock.now());
  if (issued) return issued.accountId;
  const bearer = await partnerUserByUserId(decisions, details.holderUserId);
  const isNamed = details.holderAccountId === null || bearer?.accountId === details.holderAccountId;
  if (bearer && isNamed && bearer.roles.includes('SIGNER')) return bearer.accountId;
  throw new HolderChanged(`${applicationId} is for nobody who is a signer now`);
};

const dated = (link: DatedLink | null | undefined): DatedLink | null =>
  link ? { linkId: link.linkId, expiresAt: link.expiresAt } : null;

const waiting = (tools: CertificateApplicationTools) => {
  const known = knownBy(tools);
  return {
    async requestMail(applicationId: string, order: MailOrder): Promise<void> {
      const { application, tenant, send } = await known(applicationId);
      const linkId = 'linkId' in order ? order.linkId : null;
      for (const mail of mailOrderOf(applicationId, application, order.mail, linkId)) {
        const asked = requestNotification({ ...mail, service: SERVICE, tenant, processId: applicationId });
        await send(`mail ${mail.notificationId}`, asked);
      }
    },

    /** For a process to which not everything was told. */
    async findApplication(applicationId: string): Promise<Found> {
      const { application } = await known(applicationId);
      const { applicantLink, holderLinks, details, reviewDueAt, issuanceOrders, status } = application;
      return {
        applicantLink: dated(applicantLink),
        holderLink: dated(holderLinks.at(-1)),
        submitted: details !== null,
        reviewDueAt,
        rejected: status === 'RejectedByHolder',
        orders: issuanceOrders,
        returned: status === 'Returned',
      };
    },

    async expireLink(applicationId: string, { linkId, expiresAt }: DatedLink): Promise<Expiry> {
      const { send } = await known(applicationId);
      const expire = expireLink({ applicationId, linkId, deadline: expiresAt });
      const { events } = await send(`expire ${linkId} ${expiresAt}`, expire);
      if (events.some(({ type }) => type === applicationExpired.type)) return 'expired';
      const { application } = await known(applicationId);
      // By whatever: nobody else will tell the process, and it has to give the ticket back.
      if (application.status === 'Expired') return 'expired';
      const links = [...(application.applicantLink ? [application.applicantLink] : []), ...application.holderLinks];
      const waits = ['AwaitingApplicantLink', 'EnteringDetails', 'HolderInSession', 'AwaitingHolderApproval'];
      const same = links.at(-1)?.linkId === linkId && links.at(-1)?.expiresAt === expiresAt;
      return same && waits.includes(application.status) ? 'early' : 'stands';
    },

    async flagReviewOverdue(applicationId: string, deadline: string): Promise<void> {
      const { send } = await known(applicationId);
      await send(`overdue ${deadline}`, flagReviewOverdue({ applicationId, deadline }));
    },

    /** The ticket is free again; what nobody reviews is not kept. */
    async endWithoutCertificate(applicationId: string, reason: Release): Promise<void> {
      const { registration, send } = await known(applicationId);
      await send('release', releaseTicket({ ticketId: registration.ticketId, applicationId, reason }));
      if (reason !== 'returned') await send('delete document', deleteIdentityDocument({ applicationId }));
    },
  };
};

const issuing = (tools: CertificateApplicationTools) => {
  const known = knownBy(tools);
  return {
    /** One certificate however often this is tried; what cannot be certified goes back to the review. */
    async issueCertificate(applicationId: string, order: number): Promise<'issued' | 'failed'> {
      const { application, registration, tenant, send } = await known(applicationId);
      const { details, keyId, issuanceOrdered } = application;
      if (!details || keyId === null) throw permanently(`${applicationId} was never approved`);
      // Given back by an attempt whose answer got lost.
      if (!issuanceOrdered) return 'failed';
      const { companyName, familyName, givenName, displayName, holderUserId: userId, holderMail: mail } = details;
      const person = { companyName, familyName, givenName, displayName };
      const { termYears } = registration;
      try {
        const accountId = await holderAccountOf(tools, applicationId, details);
        const holder = { accountId, userId, mail, tenant };
        const issued = await tools.issuance.issue({ applicationId, keyId, person, termYears, holder }, (message) =>
          send('issue', message),
        );
        const { refusal } = await send('issued', recordCertificateIssued({ applicationId, ...issued }));
        if (refusal) throw new Error(`the application ${applicationId} does not take its certificate: ${refusal.code}`);
        // Whoever revoked it before the application knew of it could not tell the application.
        const { certificateId } = issued;
        if ((await certificateById(tools.decisions, certificateId, tools.clock.now()))?.status === 'revoked')
          await send('revoked', recordCertificateRevoked({ applicationId, certificateId }));
        return 'issued';
      } catch (error) {
        if (!isForReview(error)) throw error;
        await send(`failed ${order}`, recordIssuanceFailed({ applicationId, cause: error.name }));
        return 'failed';
      }
    },

    async spendTicket(applicationId: string): Promise<void> {
      const { registration, send } = await known(applicationId);
      const { refusal } = await send('consume', consumeTicket({ ticketId: registration.ticketId, applicationId }));
      // Spent by this application it is no refusal; anything else somebody must look at.
      if (refusal) throw new Error(`the ticket of ${applicationId} cannot be spent: ${refusal.code}`);
    },
  };
};

export const certificateApplicationActivities = (tools: CertificateApplicationTools) => ({
  ...waiting(tools),
  ...issuing(tools),
});

export type CertificateApplicationActivities = ReturnType<typeof certificateApplicationActivities>;
