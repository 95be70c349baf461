import { SYSTEM } from '../../kernel/actor.js';
import { derivedId } from '../../kernel/ids.js';
import type { AnyDefinition, Message, MessageOf } from '../../kernel/message.js';
import type { Commands } from '../commands/decided-by.js';
import type { Decided } from '../commands/sender.js';
import type { Recorded } from '../event-store/recorded.js';
import type { Checkpoints } from './checkpoints.js';
import type { Sink } from './subscription.js';

/** Sends a command because of the event at hand; `step` tells several of one kind apart. */
export type Send = (message: Message, step?: string) => Promise<Decided>;

/** What must follow from what was recorded, even if the process died right after the append. */
export type Reaction = Readonly<{
  name: string;
  types: readonly string[];
  react: (event: Recorded, send: Send) => Promise<unknown>;
}>;

type EventOf<D extends readonly AnyDefinition[]> =
  MessageOf<D[number]> extends infer M ? (M extends Message ? Recorded<M> : never) : never;

/**
 * An effect of any kind, at least once for each event and in their order. It must bear repetition, and it
 * is told of everything that was ever recorded when it is new.
 */
export const reaction = <const D extends readonly AnyDefinition[]>(
  name: string,
  definitions: D,
  react: (event: EventOf<D>, send: Send) => Promise<unknown>,
): Reaction => ({
  name,
  types: definitions.map(({ type }) => type),
  react: react as unknown as Reaction['react'],
});

/**
 * A committed event becomes commands. A refusal is an answer, too: the stream that was asked knew better,
 * and asking again would not change its mind.
 */
export const commandsOn = <const D extends readonly AnyDefinition[]>(
  name: string,
  definitions: D,
  commandsOf: (event: EventOf<D>) => readonly Message[],
): Reaction =>
  reaction(name, definitions, async (event, send) => {
    for (const [index, message] of commandsOf(event).entries()) await send(message, String(index));
  });

/** Hears of a command that nobody is there to be told no: `by` names the reaction or the activity that sent it. */
export type OnRefused = (by: string, command: string, code: string) => void;

export const reactionSink = (
  { name, types, react }: Reaction,
  checkpoints: Checkpoints,
  commands: Pick<Commands, 'send'>,
  onRefused: OnRefused,
): Sink =>
  checkpoints.sink(name, types, async (event) => {
    await react(event, async (message, step = '') => {
      const decided = await commands.send(message, {
        commandId: derivedId('reaction', name, event.id, message.type, step),
        fingerprint: null,
        correlationId: event.metadata.$correlationId,
        actor: SYSTEM,
        onBehalfOf: null,
        tenant: event.metadata.tenant,
        service: event.metadata.service,
        clientAddress: null,
      });
      if (decided.refusal) onRefused(name, message.type, decided.refusal.code);
      return decided;
    });
  });
