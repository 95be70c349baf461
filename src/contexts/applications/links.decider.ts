import { accept, type Outcome, refuse } from '../../kernel/decider.js';
import type { MessageOf } from '../../kernel/message.js';
import { POLICIES } from '../../kernel/service-policies.js';
import { refusal, type Refusal } from '../../kernel/refusal.js';
import * as m from './messages.js';
import { actingLinkOf, type Application, linksOf, type Status } from './state.js';

type Decision = Outcome<m.ApplicationEvent>;

export const LINK_LIFE_MS = POLICIES[m.SERVICE].link!.lifeDays * 86_400_000;
/** At the deadline itself a link is dead; a millisecond before it is not. */
export const isDead = (expiresAt: string, now: Date): boolean => now.toISOString() >= expiresAt;
export const deadlineFrom = (moment: Date): string => new Date(moment.getTime() + LINK_LIFE_MS).toISOString();

export const wrongState = ({ status }: Application): Refusal => refusal('APPLICATION_STATE', { status });

/**
 * What stands against doing something by a link now: the state that the application must be in, the link that
 * may, and the time until which it may. The recorded deadline counts, whether or not a timer has fired yet.
 */
export const linkFault = (
  application: Application,
  linkId: string,
  allowed: readonly Status[],
  now: Date,
): Refusal | null => {
  if (!linksOf(application).some((link) => link.linkId === linkId)) return refusal('NOT_FOUND');
  if (application.status === 'Expired') return refusal('LINK_EXPIRED');
  const acting = actingLinkOf(application);
  if (acting && isDead(acting.expiresAt, now)) return refusal('LINK_EXPIRED');
  if (acting && acting.linkId !== linkId && application.holderLinks.some((link) => link.linkId === linkId))
    return refusal('LINK_NO_LONGER_VALID');
  return allowed.includes(application.status) && acting?.linkId === linkId ? null : wrongState(application);
};

/**
 * The three days run from the first sending; sending the same link again gives it no longer life, and a link that was
 * replaced, used or has ended while its mail was on the way has no deadline any more.
 */
export const decideSent = ({ data }: MessageOf<typeof m.recordLinkSent>, application: Application): Decision => {
  const { applicationId, linkId, sentAt } = data;
  const link = actingLinkOf(application);
  if (link?.linkId !== linkId || link.sent) return accept();
  const sent = { applicationId, linkId, sentAt, expiresAt: deadlineFrom(new Date(sentAt)) };
  return accept(linkId === application.applicantLink?.linkId ? m.applicationLinkSent(sent) : m.holderLinkSent(sent));
};

export const decideOpening = (
  { data }: MessageOf<typeof m.openApplicationLink>,
  application: Application,
  now: Date,
): Decision => {
  const fault = linkFault(
    application,
    data.linkId,
    ['AwaitingApplicantLink', 'EnteringDetails', 'HolderInSession'],
    now,
  );
  if (fault) return refuse(fault.code === 'APPLICATION_STATE' ? refusal('LINK_NO_LONGER_VALID') : fault);
  return application.status === 'AwaitingApplicantLink' ? accept(m.applicationLinkOpened(data)) : accept();
};

/**
 * A timer says that the deadline it served has come. If the application went on, or got a later deadline, there is
 * nothing to expire: the stream decides, whoever was first.
 */
export const decideExpiry = (
  { data }: MessageOf<typeof m.expireLink>,
  application: Application,
  now: Date,
): Decision => {
  const { applicationId, linkId } = data;
  const acting = actingLinkOf(application);
  if (acting?.linkId !== linkId || !isDead(acting.expiresAt, now)) return accept();
  const expired = { applicationId, linkId, dueAt: acting.expiresAt };
  const byHolder = application.status === 'AwaitingHolderApproval';
  const waitingFor = byHolder || application.status === 'HolderInSession' ? 'holder' : 'applicant';
  return accept<m.ApplicationEvent>(
    byHolder ? m.holderLinkExpired(expired) : m.applicationLinkExpired(expired),
    m.applicationExpired({ applicationId, dueAt: acting.expiresAt, waitingFor }),
  );
};
