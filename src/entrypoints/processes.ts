import { fileURLToPath } from 'node:url';
import { applicationReactions } from '../contexts/applications/consequences.js';
import { applicationMails } from '../contexts/applications/mails.js';
import type { Papers } from '../contexts/applications/papers.js';
import { certificateReactions } from '../contexts/certificates/consequences.js';
import type { Issuance } from '../contexts/certificates/issuance.commands.js';
import { certificateMails } from '../contexts/certificates/mails.js';
import { portalReactions } from '../contexts/client-portal/consequences.js';
import { identityReactions, OutAtOnce } from '../contexts/identity/consequences.js';
import { operationsReactions } from '../contexts/operations/consequences.js';
import { partnersReactions } from '../contexts/partners/consequences.js';
import { purchaseReactions } from '../contexts/tickets/purchase.consequences.js';
import { TicketNumbers } from '../contexts/tickets/numbers.js';
import { purchaseMails } from '../contexts/tickets/purchase.mails.js';
import { partnersMails } from '../contexts/partners/mails.js';
import type { Clock } from '../kernel/clock.js';
import type { Config } from '../platform/config/config.js';
import type { Commands } from '../platform/commands/decided-by.js';
import type { Decisions } from '../platform/commands/decisions.js';
import type { SentLetters } from '../platform/mail/sent-letters.js';
import type { Letters } from '../platform/mail/letters.js';
import type { Post } from '../platform/mail/post.js';
import type { MailTemplate } from '../platform/mail/template.js';
import type { HolderKeys } from '../platform/pki/holder-keys.js';
import type { Pki } from '../platform/pki/pki.js';
import { type OnRefused, type Reaction, reactionSink } from '../platform/subscriptions/reactions.js';
import type { Sink } from '../platform/subscriptions/subscription.js';
import type { TemporalConnection } from '../platform/temporal/connection.js';
import { ProcessCommands } from '../platform/temporal/process-commands.js';
import { begin, type ProcessSignals, signalSink } from '../platform/temporal/signals.js';
import type { WorkflowBundle } from '../platform/temporal/worker.js';
import { certificateApplicationActivities } from '../../workflows/certificate-application/activities.js';
import { certificateApplicationSignals } from '../../workflows/certificate-application/signals.js';
import { certificateActivationActivities } from '../../workflows/certificate-activation/activities.js';
import { certificateActivationSignals } from '../../workflows/certificate-activation/signals.js';
import { certificateExpiryActivities } from '../../workflows/certificate-expiry/activities.js';
import { certificateExpirySignals } from '../../workflows/certificate-expiry/signals.js';
import { mailDeliveryActivities } from '../../workflows/mail-delivery/activities.js';
import { mailDeliverySignals } from '../../workflows/mail-delivery/signals.js';
import { mailRetentionActivities } from '../../workflows/mail-retention/activities.js';
import { mailRetentionStart } from '../../workflows/mail-retention/signals.js';
import { revocationListsActivities } from '../../workflows/revocation-lists/activities.js';
import { revocationListsStart } from '../../workflows/revocation-lists/signals.js';
import { ticketPurchaseActivities } from '../../workflows/ticket-purchase/activities.js';
import { ticketPurchaseSignals } from '../../workflows/ticket-purchase/signals.js';
import { ticketReservationActivities } from '../../workflows/ticket-reservation/activities.js';
import { ticketReservationSignals } from '../../workflows/ticket-reservation/signals.js';
import type { Stores } from './stores.js';

/** Which committed events wake which process. */
export const processSignals: readonly ProcessSignals[] = [
  certificateApplicationSignals,
  certificateActivationSignals,
  certificateExpirySignals,
  mailDeliverySignals,
  ticketPurchaseSignals,
  ticketReservationSignals,
];

/** Every kind of mail; each context has its own. */
export const mailTemplatesOf = ({ keyring }: Stores, { issuance }: Config): readonly MailTemplate[] => [
  ...applicationMails(issuance),
  ...certificateMails,
  ...partnersMails,
  ...purchaseMails(new TicketNumbers(keyring)),
];

export type FollowerTools = Readonly<{
  stores: Stores;
  pki: Pki;
  decisions: Decisions;
  commands: Commands;
  temporal: TemporalConnection;
  papers: Papers;
  keys: HolderKeys;
}>;

/** What follows from recorded events without a process of its own. */
export const reactionsOf = ({ stores, pki, ...tools }: Omit<FollowerTools, 'temporal'>): readonly Reaction[] => [
  ...operationsReactions(stores.parkedEvents),
  ...identityReactions(new OutAtOnce(stores.sessions, stores.passwords, stores.tokens)),
  ...applicationReactions(tools),
  ...certificateReactions(pki, tools.decisions),
  ...portalReactions(stores.sessions, stores.passwords),
  ...partnersReactions(stores.sessions, stores.passwords),
  ...purchaseReactions(tools.decisions),
];

/** Made by `npm run build`; lies at the root of what was built. */
export const builtWorkflows: WorkflowBundle = {
  codePath: fileURLToPath(new URL('../../workflows.bundle.js', import.meta.url)),
};

export type ProcessTools = Readonly<{
  decisions: Decisions;
  commands: Commands;
  pki: Pki;
  letters: Letters;
  sentLetters: SentLetters;
  post: Post;
  clock: Clock;
  mailDomain: string;
  issuance: Issuance;
}>;

/** Everything that workflows may ask for; names are unique over all processes. */
export const activitiesOf = ({ commands, ...tools }: ProcessTools, onRefused: OnRefused): object => {
  const processCommands = new ProcessCommands(commands, onRefused);
  return {
    ...certificateApplicationActivities({ ...tools, commands: processCommands }),
    ...ticketReservationActivities({ ...tools, commands: processCommands }),
    ...certificateActivationActivities({ ...tools, commands: processCommands }),
    ...certificateExpiryActivities({ ...tools, commands: processCommands }),
    ...mailDeliveryActivities({ ...tools, commands: processCommands }),
    ...ticketPurchaseActivities({ ...tools, commands: processCommands }),
    ...revocationListsActivities(tools),
    ...mailRetentionActivities(tools),
  };
};

/** Everybody who acts on committed events, apart from the read models. */
export const followersOf = ({ temporal, ...tools }: FollowerTools, onRefused: OnRefused): readonly Sink[] => [
  ...reactionsOf(tools).map((reaction) => reactionSink(reaction, tools.stores.checkpoints, tools.commands, onRefused)),
  ...processSignals.map((signals) => signalSink(signals, tools.stores.checkpoints, temporal)),
];

/** What runs for as long as there is a service; whichever process starts first begins it. */
export const startStanding = async (temporal: TemporalConnection): Promise<void> => {
  for (const standing of [revocationListsStart, mailRetentionStart]) await begin(temporal, standing, 'ALLOW_DUPLICATE');
};
