import { accept, type Decider, type Moment, type Outcome, refuse, unreachable } from '../../kernel/decider.js';
import { refusal } from '../../kernel/refusal.js';
import { decideChange, decideCreation, decideDeletion } from './members.decider.js';
import {
  type PartnerCommand,
  type PartnerEvent,
  partnerEvents,
  partnerStream,
  type recordRegistrationNoticeSent,
  registrationNoticeSent,
} from './messages.js';
import type { MessageOf } from '../../kernel/message.js';
import { decidePasswordChange, decideReset, decideResetLink } from './passwords.decider.js';
import { decideRegistration } from './registration.decider.js';
import { evolve, memberOf, noPartner, type Partner } from './state.js';

type Decision = Outcome<PartnerEvent>;

const noticeSent = ({ data }: MessageOf<typeof recordRegistrationNoticeSent>, partner: Partner): Decision => {
  const member = memberOf(partner, data.accountId);
  const { vendorCode, accountId, credentialId, notificationId } = data;
  // Deleted before the mail went out, told of twice, or of a password that was replaced meanwhile.
  if (!member || member.notice.sent || member.notice.credentialId !== credentialId) return accept();
  const { groupId, userId } = member;
  return accept(registrationNoticeSent({ vendorCode, accountId, groupId, userId, notificationId }));
};

/** What only the back office or the service itself may do; the rest is judged member by member. */
const RESERVED: Partial<Record<PartnerCommand['type'], 'backOffice' | 'system'>> = {
  'partners.RegisterPartnerGroup': 'backOffice',
  'partners.IssuePasswordResetLink': 'system',
  'partners.RecordRegistrationNoticeSent': 'system',
};

const decideCommand = (command: PartnerCommand, partner: Partner, moment: Moment): Decision => {
  switch (command.type) {
    case 'partners.RegisterPartnerGroup':
      return decideRegistration(command.data, partner, moment);
    case 'partners.CreatePartnerUser':
      return decideCreation(command, partner, moment);
    case 'partners.ChangePartnerUser':
      return decideChange(command, partner, moment);
    case 'partners.DeletePartnerUser':
      return decideDeletion(command, partner, moment);
    case 'partners.ChangeOwnPassword':
      return decidePasswordChange(command, partner, moment);
    case 'partners.IssuePasswordResetLink':
      return decideResetLink(command, partner, moment);
    case 'partners.ResetPassword':
      return decideReset(command, partner, moment);
    case 'partners.RecordRegistrationNoticeSent':
      return noticeSent(command, partner);
    default:
      return unreachable(command);
  }
};

export const partnerDecider: Decider<Partner, PartnerCommand, PartnerEvent> = {
  stream: ({ data }) => partnerStream(data.vendorCode),
  initial: noPartner,
  events: partnerEvents,
  evolve,
  decide(command, partner, moment) {
    const reserved = RESERVED[command.type];
    if (reserved !== undefined && moment.actor.kind !== reserved)
      return refuse(refusal('NOT_PERMITTED', { permission: reserved === 'system' ? 'the service' : 'back office' }));
    return decideCommand(command, partner, moment);
  },
};
