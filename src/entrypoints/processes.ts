import { fileURLToPath } from 'node:url';
import { portalReactions } from '../contexts/client-portal/consequences.js';
import { partnersReactions } from '../contexts/partners/consequences.js';
import type { Clock } from '../kernel/clock.js';
import type { Commands } from '../platform/commands/decided-by.js';
import type { Decisions } from '../platform/commands/decisions.js';
import type { Letters } from '../platform/mail/letters.js';
import type { Post } from '../platform/mail/post.js';
import type { MailTemplate } from '../platform/mail/template.js';
import { type Reaction, reactionSink } from '../platform/subscriptions/reactions.js';
import type { Sink } from '../platform/subscriptions/subscription.js';
import type { TemporalConnection } from '../platform/temporal/connection.js';
import { ProcessCommands } from '../platform/temporal/process-commands.js';
import { type ProcessSignals, signalSink } from '../platform/temporal/signals.js';
import type { WorkflowBundle } from '../platform/temporal/worker.js';
import { mailDeliveryActivities } from '../../workflows/mail-delivery/activities.js';
import { mailDeliverySignals } from '../../workflows/mail-delivery/signals.js';
import type { Stores } from './stores.js';

/** Which committed events wake which process. */
export const processSignals: readonly ProcessSignals[] = [mailDeliverySignals];

/** Every kind of mail; each context has its own. */
export const mailTemplates: readonly MailTemplate[] = [];

/** What follows from recorded events without a process of its own. */
export const reactionsOf = ({ sessions, passwords }: Stores): readonly Reaction[] => [
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
}>;

/** Everything that workflows may ask for; names are unique over all processes. */
export const activitiesOf = ({ commands, ...tools }: ProcessTools): object => {
  const processCommands = new ProcessCommands(commands);
  return { ...mailDeliveryActivities({ ...tools, commands: processCommands }) };
};

/** Everybody who acts on committed events, apart from the read models. */
export const followersOf = (stores: Stores, commands: Commands, temporal: TemporalConnection): readonly Sink[] => [
  ...reactionsOf(stores).map((reaction) => reactionSink(reaction, stores.checkpoints, commands)),
  ...processSignals.map((signals) => signalSink(signals, stores.checkpoints, temporal)),
];
