import { applicationById, mailOrderOf } from '../../src/contexts/applications/lookups.js';
import {
  applicationExpired,
  deleteIdentityDocument,
  expireLink,
  flagReviewOverdue,
  recordCertificateIssued,
  recordIssuanceFailed,
  SERVICE,
} from '../../src/contexts/applications/messages.js';
import { type Issuance, NoHolderKey } from '../../src/contexts/certificates/issuance.commands.js';
import { requestNotification } from '../../src/contexts/notifications/messages.js';
import { partnerUserByUserId } from '../../src/contexts/partners/lookups.js';
import { consumeTicket, releaseTicket } from '../../src/contexts/tickets/messages.js';
import type { Message } from '../../src/kernel/message.js';
import { ProfileViolation } from '../../src/pki/lint/lint.js';
import type { Decisions } from '../../src/platform/commands/decisions.js';
import { permanently, type ProcessCommands } from '../../src/platform/temporal/process-commands.js';
import type { DatedLink, Expiry, MailOrder, Release } from './messages.js';

export type CertificateApplicationTools = Readonly<{
  decisions: Decisions;
  commands: ProcessCommands;
  issuance: Pick<Issuance, 'issue'>;
}>;

export const certificateApplicationActivities = ({ decisions, commands, issuance }: CertificateApplicationTools) => {
  const known = async (applicationId: string) => {
    const application = await applicationById(decisions, applicationId);
    const { registration, details } = application;
    if (!registration) throw permanently(`there is no registered application ${applicationId}`);
    const tenant = details?.holderTenant ?? registration.companyCode;
    const send = (step: string, message: Message) => commands.send(message, { step, tenant, service: SERVICE });
    return { application, registration, tenant, send };
  };

  return {
    async requestMail(applicationId: string, order: MailOrder): Promise<void> {
      const { application, tenant, send } = await known(applicationId);
      const linkId = 'linkId' in order ? order.linkId : null;
      for (const mail of mailOrderOf(applicationId, application, order.mail, linkId)) {
        const asked = requestNotification({ ...mail, service: SERVICE, tenant, processId: applicationId });
        await send(`mail ${mail.notificationId}`, asked);
      }
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

    /** One certificate however often this is tried; a subject that cannot be certified goes back to the review. */
    async issueCertificate(applicationId: string, order: number): Promise<'issued' | 'failed'> {
      const { application, registration, tenant, send } = await known(applicationId);
      const { details, keyId } = application;
      if (!details || keyId === null) throw permanently(`${applicationId} was never approved`);
      const { companyName, familyName, givenName, displayName, holderUserId: userId, holderMail: mail } = details;
      const user = await partnerUserByUserId(decisions, userId);
      const holder = { accountId: user?.accountId ?? null, userId, mail, tenant };
      const person = { companyName, familyName, givenName, displayName };
      const { termYears } = registration;
      try {
        const issued = await issuance.issue({ applicationId, keyId, person, termYears, holder }, (message) =>
          send('issue', message),
        );
        await send('issued', recordCertificateIssued({ applicationId, ...issued }));
        return 'issued';
      } catch (error) {
        if (!(error instanceof ProfileViolation || error instanceof NoHolderKey)) throw error;
        await send(`failed ${order}`, recordIssuanceFailed({ applicationId, cause: error.name }));
        return 'failed';
      }
    },

    async spendTicket(applicationId: string): Promise<void> {
      const { registration, send } = await known(applicationId);
      await send('consume', consumeTicket({ ticketId: registration.ticketId, applicationId }));
    },
  };
};

export type CertificateApplicationActivities = ReturnType<typeof certificateApplicationActivities>;
