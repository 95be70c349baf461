import 'reflect-metadata';
import { Inject, Injectable, type Type } from '@nestjs/common';
import { CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Decider } from '../../kernel/decider.js';
import { type AnyDefinition, assertWellFormed, type Message } from '../../kernel/message.js';
import { Decisions } from './decisions.js';
import type { Decided as Answer, Sender } from './sender.js';

/** What travels over Nest's command bus; one class per command type, because the bus routes by class. */
abstract class Envelope {
  constructor(
    readonly message: Message,
    readonly sender: Sender,
  ) {}
}
type EnvelopeClass = new (message: Message, sender: Sender) => Envelope;

const envelopes = new Map<string, EnvelopeClass>();

/** Everything that is decided here, for whoever writes down how the parts hang together. */
export type Decided = Readonly<{
  category: string;
  commands: readonly AnyDefinition[];
  events: readonly AnyDefinition[];
}>;
const decided: Decided[] = [];
export const everythingDecided = (): readonly Decided[] => decided;

/** Streams are named `<category>-<id>`; which id, does not matter here. */
const categoryOf = (decider: Decider<never, Message, never>, { type }: AnyDefinition): string => {
  const anything = new Proxy({}, { get: () => 'x' });
  return decider.stream({ type, data: anything }).split('-', 1)[0]!;
};

const named = <T extends object>(target: T, name: string): T => Object.defineProperty(target, 'name', { value: name });

const envelopeOf = ({ type }: AnyDefinition): EnvelopeClass => {
  if (envelopes.has(type)) throw new Error(`${type} is decided twice`);
  const envelope = named(class extends Envelope {}, type);
  envelopes.set(type, envelope);
  return envelope;
};

/** Makes the handlers of Nest's command bus for every command of a decider; none is written by hand. */
export const decidedBy = <S, C extends Message, E extends Message>(
  decider: Decider<S, C, E>,
  commands: readonly AnyDefinition[],
): Type<ICommandHandler>[] => {
  const category = categoryOf(decider as never, commands[0]!);
  decided.push({ category, commands, events: decider.events });
  return commands.map((definition) => {
    class Handler implements ICommandHandler<Envelope, Answer> {
      constructor(private readonly decisions: Decisions) {}

      execute({ message, sender }: Envelope): Promise<Answer> {
        assertWellFormed(definition, message.data);
        return this.decisions.decide(decider, message as C, sender);
      }
    }
    Inject(Decisions)(Handler, undefined, 0);
    Injectable()(Handler);
    CommandHandler(envelopeOf(definition))(Handler);
    return named(Handler, `${definition.type}Handler`);
  });
};

/** The one door for commands, whether from HTTP, from a process or from the command line. */
@Injectable()
export class Commands {
  constructor(@Inject(CommandBus) private readonly bus: CommandBus) {}

  send(message: Message, sender: Sender): Promise<Answer> {
    const envelope = envelopes.get(message.type);
    if (!envelope) throw new Error(`nobody decides ${message.type}`);
    return this.bus.execute<Envelope, Answer>(new envelope(message, sender));
  }
}
