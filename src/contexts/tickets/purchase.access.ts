import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../../kernel/actor.js';
import { isUuid } from '../../kernel/ids.js';
import { refusal } from '../../kernel/refusal.js';
import { Links } from '../../platform/access/links.js';
import { Decisions } from '../../platform/commands/decisions.js';
import type { Sender } from '../../platform/commands/sender.js';
import { type Caller, senderOf } from '../../platform/http/caller.js';
import { Refused } from '../../platform/http/refused.js';
import { purchaseDecider } from './purchase.decider.js';
import { purchaseStream, SERVICE } from './purchase.messages.js';
import type { Purchase } from './purchase.state.js';

/** The token out of the mail's link. In a header, because addresses end up in histories and logs. */
export const TOKEN_HEADER = 'x-link-token';

type Reached = Readonly<{ purchase: NonNullable<Purchase>; version: number }>;

/** The buyer has no account: who holds the link of the mail is the contact. */
@Injectable()
export class PurchaseAccess {
  constructor(
    @Inject(Decisions) private readonly decisions: Decisions,
    @Inject(Links) private readonly links: Links,
  ) {}

  async stateOf(purchaseId: string): Promise<Reached> {
    const known = await this.known(purchaseId);
    if (!known) throw new Refused(refusal('NOT_FOUND'));
    return known;
  }

  async byLink(purchaseId: string, token: string | undefined): Promise<Reached> {
    const known = await this.known(purchaseId);
    // Unknown, made up or of another purchase: told in the words for a dead link, so that trying teaches nothing.
    if (!known || !this.links.isToken(known.purchase.linkId, token ?? ''))
      throw new Refused(refusal('PURCHASE_LINK_EXPIRED'), true);
    return known;
  }

  private async known(purchaseId: string): Promise<Reached | null> {
    if (!isUuid(purchaseId)) return null;
    const { state, revision } = await this.decisions.stateOf(purchaseDecider, purchaseStream(purchaseId));
    return state && { purchase: state, version: revision };
  }
}

const CONTACT: Actor = { kind: 'anonymous', id: 'contact', name: 'contact' };

/** All that belongs to one purchase has one correlation: its own id. */
export const senderAbout = (caller: Caller, purchaseId: string, companyCode: string): Sender => ({
  ...senderOf(caller, { service: SERVICE, tenant: companyCode }),
  correlationId: purchaseId,
  actor: CONTACT,
});

/** Staff act in their own name. */
export const senderAsStaff = (caller: Caller, purchaseId: string, companyCode: string): Sender => ({
  ...senderOf(caller, { service: SERVICE, tenant: companyCode }),
  correlationId: purchaseId,
});
