import type { Actor } from '../../kernel/actor.js';
import type { Refusal } from '../../kernel/refusal.js';
import type { Recorded } from '../event-store/recorded.js';

/** Who sends a command, from where and why; becomes the metadata of what it causes. */
export type Sender = Readonly<{
  /** The same id means the same command, however often it arrives. */
  commandId: string;
  /** True where the id was made for this one attempt: nothing that was recorded before can have come from it. */
  attemptedOnce?: boolean;
  /** A keyed digest of the input, so that an id used for something else is noticed. Null where ids are our own. */
  fingerprint: string | null;
  correlationId: string;
  actor: Actor;
  onBehalfOf: Actor | null;
  tenant: string;
  service: string;
  clientAddress: string | null;
}>;

/** Whose right a command stands on: a program has none of its own, only that of the account for which it acts. */
export const authorityOf = ({ actor, onBehalfOf }: Sender): Actor =>
  actor.kind === 'program' && onBehalfOf !== null ? onBehalfOf : actor;

/** What became of a command. `events` are those it recorded, now or when it first arrived. */
export type Decided = Readonly<{
  refusal: Refusal | null;
  events: readonly Recorded[];
  stream: string;
  /** Revision of the stream after the command: what a reader waits for. */
  version: number;
  /** True where the command was carried out before: what followed from it then must not follow again. */
  repeated?: boolean;
}>;
