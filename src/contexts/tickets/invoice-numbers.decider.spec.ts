import { describe, it } from '@jest/globals';
import { specify } from '../../../test/kit/given.js';
import { invoiceNumberDecider } from './invoice-numbers.decider.js';
import { giveInvoiceNumber, invoiceNumberGiven } from './purchase.messages.js';

const { given } = specify(invoiceNumberDecider);
const to = (purchaseId: string) => ({ year: '2026', purchaseId });

describe('invoice numbers', () => {
  it('follow each other without a gap', () => {
    given()
      .when(giveInvoiceNumber(to('a')))
      .then(invoiceNumberGiven({ ...to('a'), number: 1 }));
    given(invoiceNumberGiven({ ...to('a'), number: 1 }))
      .when(giveInvoiceNumber(to('b')))
      .then(invoiceNumberGiven({ ...to('b'), number: 2 }));
  });
});
