import { type Decider, type Moment, type Outcome, unreachable } from '../../kernel/decider.js';
import { decideApproval, decideHolderSummary, decideRejection } from './approval.decider.js';
import { decideExpiry, decideOpening, decideSent } from './links.decider.js';
import { type ApplicationCommand, type ApplicationEvent, applicationEvents, applicationStream } from './messages.js';
import { decideAbandonment, decideAgreement, decideRegistration } from './registration.decider.js';
import * as review from './review.decider.js';
import { type Application, evolve, noApplication } from './state.js';
import { decideAttachment, decideHolderLink, decideSubmission, decideSummary } from './submission.decider.js';

const decide = (command: ApplicationCommand, application: Application, moment: Moment): Outcome<ApplicationEvent> => {
  switch (command.type) {
    case 'applications.AgreeToDuties':
      return decideAgreement(command, application);
    case 'applications.RegisterApplication':
      return decideRegistration(command, application, moment);
    case 'applications.AbandonRegistration':
      return decideAbandonment(command, application);
    case 'applications.RecordLinkSent':
      return decideSent(command, application);
    case 'applications.OpenApplicationLink':
      return decideOpening(command, application, moment.now);
    case 'applications.ExpireLink':
      return decideExpiry(command, application, moment.now);
    case 'applications.AttachIdentityDocument':
      return decideAttachment(command, application, moment);
    case 'applications.DownloadApplicationSummary':
      return decideSummary(command, application, moment);
    case 'applications.SubmitIssuanceApplication':
      return decideSubmission(command, application, moment);
    case 'applications.RequestHolderLink':
      return decideHolderLink(command, application, moment);
    case 'applications.DownloadHolderSummary':
      return decideHolderSummary(command, application, moment);
    case 'applications.ApproveIssuanceApplication':
      return decideApproval(command, application, moment);
    case 'applications.RejectIssuanceApplication':
      return decideRejection(command, application, moment);
    case 'applications.StartApplicationReview':
      return review.decideReviewStart(command, application, moment);
    case 'applications.ViewIdentityDocument':
      return review.decideDocumentView(command, application, moment);
    case 'applications.VerifyIdentity':
      return review.decideVerification(command, application, moment);
    case 'applications.OrderIssuance':
      return review.decideIssuance(command, application, moment);
    case 'applications.ReturnApplication':
      return review.decideReturn(command, application, moment);
    case 'applications.DeleteIdentityDocument':
      return review.decideDocumentDeletion(command, application, moment);
    case 'applications.FlagReviewOverdue':
      return review.decideOverdue(command, application, moment);
    case 'applications.RecordIssuanceFailed':
      return review.decideIssuanceFailure(command, application);
    case 'applications.RecordCertificateIssued':
      return review.decideIssued(command, application);
    case 'applications.RecordCertificateActivated':
      return review.decideActivated(command, application);
    case 'applications.RecordCertificateRevoked':
      return review.decideRevoked(command, application);
    case 'applications.RecordNoticeSent':
      return review.decideNotice(command, application);
    default:
      return unreachable(command);
  }
};

export const applicationDecider: Decider<Application, ApplicationCommand, ApplicationEvent> = {
  stream: ({ data }) => applicationStream(data.applicationId),
  initial: noApplication,
  events: applicationEvents,
  decide,
  evolve,
};
