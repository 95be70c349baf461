import { upcaster } from '../../kernel/message.js';
import { identityDocumentViewed, issuanceApplicationSubmitted } from './events.messages.js';

export const applicationUpcasters = [
  // The account was not recorded: the certificate goes to whoever bears the user ID when it is issued.
  upcaster(issuanceApplicationSubmitted, 1, (data) => ({ ...data, holderAccountId: null })),
  // Who looked stood beside the facts only. Whoever verifies looks once more.
  upcaster(identityDocumentViewed, 1, (data) => ({ ...data, viewerId: null })),
];
