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

type Known = NonNullable<Purchase>;

/** The buyer has no account: who holds the link of the mail is the contact. */
@Injectable()
export class PurchaseAccess {
  constructor(
    @Inject(Decisions) private readonly decisions: Decisions,
    @Inject(Links) private readonly links: Links,
  ) {}

  async stateOf(purchaseId: string): Promise<Readonly<{ purchase: Known; version: number }>> {
    if (!isUuid(purchaseId)) throw new Refused(refusal('NOT_FOUND'));
    const { state, revision } = await this.decisions.stateOf(purchaseDecider, purchaseStream(purchaseId));
    if (!state) throw new Refused(refusal('NOT_FOUND'));
    return { purchase: state, version: revision };
  }

  async byLink(purchaseId: string, token: string | undefined): Promise<Readonly<{ purchase: Known; version: number }>> {
    const known = await this.stateOf(purchaseId);
    if (!this.links.isToken(known.purchase.linkId, token ?? '')) throw new Refused(refusal('NOT_FOUND'));
    return known;
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
