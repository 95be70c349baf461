import { applicationEvents } from '../contexts/applications/messages.js';
import { applicationUpcasters } from '../contexts/applications/upcasters.js';
import { auditEvents } from '../contexts/audit/messages.js';
import { certificatesEvents } from '../contexts/certificates/messages.js';
import { clientCompanyEvents } from '../contexts/client-portal/messages.js';
import { identityEvents } from '../contexts/identity/messages.js';
import { notificationEvents } from '../contexts/notifications/messages.js';
import { operationsEvents } from '../contexts/operations/messages.js';
import { partnersEvents } from '../contexts/partners/messages.js';
import { partnerUpcasters } from '../contexts/partners/upcasters.js';
import { ticketEvents } from '../contexts/tickets/messages.js';
import { invoiceNumberEvents, purchaseEvents, purchaseRequestEvents } from '../contexts/tickets/purchase.messages.js';

/** Every event that the product knows. */
export const eventDefinitions = [
  ...applicationEvents,
  ...auditEvents,
  ...certificatesEvents,
  ...ticketEvents,
  ...purchaseEvents,
  ...invoiceNumberEvents,
  ...purchaseRequestEvents,
  ...clientCompanyEvents,
  ...identityEvents,
  ...notificationEvents,
  ...operationsEvents,
  ...partnersEvents,
];

/** From older schemas of them to the newest. */
export const eventUpcasters = [...applicationUpcasters, ...partnerUpcasters];

/** What the names of all events begin with, whichever of them somebody follows. */
export const contextsOf = (definitions: readonly Readonly<{ type: string }>[]): readonly string[] => [
  ...new Set(definitions.map(({ type }) => `${type.split('.', 1)[0]}.`)),
];
