import { accept, type Moment, type Outcome, refuse } from '../../kernel/decider.js';
import { derivedId } from '../../kernel/ids.js';
import type { MessageOf } from '../../kernel/message.js';
import { validate } from '../../kernel/policies.js';
import { type FieldError, invalid, refusal } from '../../kernel/refusal.js';
import { MAIL, TYPED_COMPANY_CODE } from '../partners/messages.js';
import { deadlineFrom, wrongState } from './links.decider.js';
import * as m from './messages.js';
import type { Application } from './state.js';

type Decision = Outcome<m.ApplicationEvent>;

export const companyCodeFaults = (value: string): FieldError[] => validate('companyCode', value, TYPED_COMPANY_CODE);
export const mailFaults = (field: string, value: string): FieldError[] => validate(field, value, MAIL);
/** Two spellings of one mailbox; the addresses themselves stay as they were written. */
export const sameMail = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

export const decideAgreement = ({ data }: MessageOf<typeof m.agreeToDuties>, application: Application): Decision =>
  application.status === 'None' ? accept(m.userDutiesAgreed(data)) : refuse(wrongState(application));

export const decideRegistration = (
  { data }: MessageOf<typeof m.registerApplication>,
  application: Application,
  { now, commandId }: Moment,
): Decision => {
  if (application.status === 'None') return refuse(refusal('DUTIES_NOT_AGREED'));
  if (application.status !== 'DutiesAgreed') return refuse(wrongState(application));
  const faults = [...companyCodeFaults(data.companyCode), ...mailFaults('mail', data.applicantMail)];
  if (faults.length > 0) return refuse(invalid(faults));
  const { applicationId } = data;
  const linkId = derivedId(commandId, 'application link');
  return accept<m.ApplicationEvent>(
    m.applicationRegistered(data),
    // Until the mail has left, the days run from here; a mail that never leaves must not keep the ticket for ever.
    m.applicationLinkIssued({ applicationId, linkId, expiresAt: deadlineFrom(now) }),
  );
};

/** A ticket was reserved and the registration did not follow. From here on it cannot follow any more. */
export const decideAbandonment = (
  { data }: MessageOf<typeof m.abandonRegistration>,
  { status }: Application,
): Decision => (status === 'None' || status === 'DutiesAgreed' ? accept(m.registrationAbandoned(data)) : accept());
