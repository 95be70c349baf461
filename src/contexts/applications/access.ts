import { timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../../kernel/actor.js';
import { isUuid } from '../../kernel/ids.js';
import { refusal } from '../../kernel/refusal.js';
import { Links } from '../../platform/access/links.js';
import { Decisions } from '../../platform/commands/decisions.js';
import type { Sender } from '../../platform/commands/sender.js';
import { type Caller, senderOf } from '../../platform/http/caller.js';
import { Refused } from '../../platform/http/refused.js';
import { Keyring } from '../../platform/vault/keyring.js';
import { applicationDecider } from './decider.js';
import { applicationStream, SERVICE } from './messages.js';
import { type Application, linksOf } from './state.js';

/** Opens what the browser that began an application may do: register it, see its state, ask for another holder's mail. */
export const KEY_HEADER = 'x-application-key';
/** The token out of a mail's link. In a header, because addresses end up in histories and logs. */
export const TOKEN_HEADER = 'x-link-token';

export type Reached = Readonly<{ application: Application; version: number; linkId: string }>;

const equal = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** Ways to an application for people without an account: the key of who began it, and the links of who gets mails. */
@Injectable()
export class ApplicationAccess {
  constructor(
    @Inject(Decisions) private readonly decisions: Decisions,
    @Inject(Keyring) private readonly keyring: Keyring,
    @Inject(Links) private readonly links: Links,
  ) {}

  keyOf(applicationId: string): string {
    return this.keyring.derive('application-key', applicationId).toString('hex');
  }

  isKey(applicationId: string, given: string | undefined): boolean {
    return given !== undefined && /^[0-9a-f]{64}$/.test(given) && equal(given, this.keyOf(applicationId));
  }

  stateOf(applicationId: string): Promise<Readonly<{ state: Application; revision: number }>> {
    if (!isUuid(applicationId)) throw new Refused(refusal('NOT_FOUND'));
    return this.decisions.stateOf(applicationDecider, applicationStream(applicationId));
  }

  /** What the token opens; a token of another application, or of none, finds nothing. */
  async byLink(applicationId: string, token: string | undefined): Promise<Reached> {
    const { state: application, revision: version } = await this.stateOf(applicationId);
    const link = linksOf(application).find(({ linkId }) => this.links.isToken(linkId, token ?? ''));
    if (!link) throw new Refused(refusal('NOT_FOUND'), true);
    return { application, version, linkId: link.linkId };
  }

  /** For looking and for asking again: the key, or any link that this application ever had for the applicant. */
  async asApplicant(applicationId: string, key: string | undefined, token: string | undefined): Promise<Application> {
    const { state: application } = await this.stateOf(applicationId);
    if (application.status !== 'None' && this.isKey(applicationId, key)) return application;
    const { applicantLink } = application;
    if (applicantLink && this.links.isToken(applicantLink.linkId, token ?? '')) return application;
    throw new Refused(refusal('NOT_FOUND'), true);
  }
}

/** Nobody has an account here: who acts is what the key or the link says. Names of people stay out of it. */
const APPLICANT: Actor = { kind: 'anonymous', id: 'applicant', name: 'applicant' };

const holderOf = ({ details }: Application): Actor => ({
  kind: 'anonymous',
  id: details?.holderUserId ?? 'holder',
  name: 'holder',
});

export const isHoldersPart = ({ status }: Application): boolean =>
  status === 'AwaitingHolderApproval' || status === 'HolderInSession' || status === 'UnderReview';

/** All that belongs to one application has one correlation: its own id. */
export const senderAbout = (
  caller: Caller,
  applicationId: string,
  { registration, details }: Application,
  actor: Actor | null = APPLICANT,
): Sender => {
  const tenant = details?.holderTenant ?? registration?.companyCode ?? '';
  const sender = { ...senderOf(caller, { service: SERVICE, tenant }), correlationId: applicationId };
  return actor ? { ...sender, actor } : sender;
};

export const senderAsHolder = (caller: Caller, applicationId: string, application: Application): Sender =>
  senderAbout(caller, applicationId, application, holderOf(application));

/** Staff act in their own name. */
export const senderAsStaff = (caller: Caller, applicationId: string, application: Application): Sender =>
  senderAbout(caller, applicationId, application, null);
