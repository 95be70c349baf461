import { fileURLToPath } from 'node:url';
import { applicationReactions } from '../contexts/applications/consequences.js';
import { applicationMails } from '../contexts/applications/mails.js';
import type { Papers } from '../contexts/applications/papers.js';
import { portalReactions } from '../contexts/client-portal/consequences.js';
import { partnersReactions } from '../contexts/partners/consequences.js';
import type { Issuance } from '../contexts/certificates/issuance.commands.js';
import type { Clock } from '../kernel/clock.js';
import type { Commands } from '../platform/commands/decided-by.js';
import type { Decisions } from '../platform/commands/decisions.js';
import type { Config } from '../platform/config/config.js';
import type { Letters } from '../platform/mail/letters.js';
import type { Post } from '../platform/mail/post.js';
import type { MailTemplate } from '../platform/mail/template.js';
import type { HolderKeys } from '../platform/pki/holder-keys.js';
import { type Reaction, reactionSink } from '../platform/subscriptions/reactions.js';
import type { Sink } from '../platform/subscriptions/subscription.js';
import type { TemporalConnection } from '../platform/temporal/connection.js';
import { ProcessCommands } from '../platform/temporal/process-commands.js';
import { type ProcessSignals, signalSink } from '../platform/temporal/signals.js';
import type { WorkflowBundle } from '../platform/temporal/worker.js';
import { certificateApplicationActivities } from '../../workflows/certificate-application/activities.js';
import { certificateApplicationSignals } from '../../workflows/certificate-application/signals.js';
import { mailDeliveryActivities } from '../../workflows/mail-delivery/activities.js';
import { mailDeliverySignals } from '../../workflows/mail-delivery/signals.js';
import { ticketReservationActivities } from '../../workflows/ticket-reservation/activities.js';
import { ticketReservationSignals } from '../../workflows/ticket-reservation/signals.js';
import type { Stores } from './stores.js';

/** Which committed events wake which process. */
export const processSignals: readonly ProcessSignals[] = [
  mailDeliverySignals,
  ticketReservationSignals,
  certificateApplicationSignals,
];

/** Every kind of mail; each context has its own. */
export const mailTemplatesOf = ({ issuance }: Config): readonly MailTemplate[] => [...applicationMails(issuance)];

export type ReactionTools = Readonly<{ decisions: Decisions; papers: Papers; keys: HolderKeys }>;

/** What follows from recorded events without a process of its own. */
export const reactionsOf = ({ sessions, passwords }: Stores, tools: ReactionTools): readonly Reaction[] => [
  ...applicationReactions(tools),
  ...portalReactions(sessions, passwords),
  ...partnersReactions(sessions, passwords),
];

/** Made by `npm run build`; lies at the root of what was built. */
export const builtWorkflows: WorkflowBundle = {
  codePath: fileURLToPath(new URL('../../workflows.bundle.js', import.meta.url)),
};

export type ProcessTools = Readonly<{
  decisions: Decisions;
  commands: Commands;
  letters: Letters;
  post: Post;
  clock: Clock;
  mailDomain: string;
  issuance: Issuance;
}>;

/** Everything that workflows may ask for; names are unique over all processes. */
export const activitiesOf = ({ commands, ...tools }: ProcessTools): object => {
  const processCommands = new ProcessCommands(commands);
  const all = { ...tools, commands: processCommands };
  return {
    ...mailDeliveryActivities(all),
    ...ticketReservationActivities(all),
    ...certificateApplicationActivities(all),
  };
};

/** Everybody who acts on committed events, apart from the read models. */
export const followersOf = (
  stores: Stores,
  tools: ReactionTools,
  commands: Commands,
  temporal: TemporalConnection,
): readonly Sink[] => [
  ...reactionsOf(stores, tools).map((reaction) => reactionSink(reaction, stores.checkpoints, commands)),
  ...processSignals.map((signals) => signalSink(signals, stores.checkpoints, temporal)),
];
