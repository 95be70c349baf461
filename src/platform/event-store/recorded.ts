import type { Actor } from '../../kernel/actor.js';
import type { Message } from '../../kernel/message.js';
import type { Parameters, RefusalCode } from '../../kernel/refusal.js';

/**
 * What is known of every event beside its facts. The two names with `$` are those that the event store's
 * own tools understand.
 */
export type Metadata = Readonly<{
  /** The process: everything that one cause set in motion. */
  $correlationId: string;
  /** The command that decided this event. */
  $causationId: string;
  /** From the clock port; the store's own time is when it was written. */
  occurredAt: string;
  tenant: string;
  service: string;
  actor: Actor;
  onBehalfOf: Actor | null;
  /** The type of the command. */
  operation: string;
  clientAddress: string | null;
  schema: number;
  /** A keyed digest of the command's input; null where nothing from outside chose the command's id. */
  fingerprint: string | null;
  /** Set where the command was refused and the refusal left this event behind. */
  refused: Readonly<{ code: RefusalCode; params: Parameters }> | null;
}>;

/** `commit/prepare`, as the store counts; opaque to everything but the store. */
export type Position = string;

export type Recorded<M extends Message = Message> = M &
  Readonly<{ id: string; stream: string; revision: number; position: Position; metadata: Metadata }>;

export type NewEvent = Message & Readonly<{ id: string; metadata: Metadata }>;
