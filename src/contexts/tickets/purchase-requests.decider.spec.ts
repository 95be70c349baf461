import { describe, it } from '@jest/globals';
import { specify } from '../../../test/kit/given.js';
import { requestTicketPurchase, ticketPurchaseRequested } from './purchase.messages.js';
import { purchaseRequestDecider, REQUESTS_MAX } from './purchase-requests.decider.js';

const { given } = specify(purchaseRequestDecider);
const asked = { requestsId: 'r', by: 'mail', purchaseId: 'p' } as const;
const request = requestTicketPurchase(asked);
const at = (requestedAt: string) => ticketPurchaseRequested({ ...asked, requestedAt });
const full = Array.from({ length: REQUESTS_MAX.mail }, () => at('2026-07-01T00:00:00.000Z'));

describe('asking for purchases', () => {
  it('is bounded within an hour', () => {
    const now = '2026-07-01T00:59:59.999Z';
    given(...full.slice(1))
      .when(request, { now })
      .then(at(now));
    given(...full)
      .when(request, { now })
      .thenNothing();
  });

  it('is free again after it', () => {
    const now = '2026-07-01T01:00:00.000Z';
    given(...full)
      .when(request, { now })
      .then(at(now));
  });
});
