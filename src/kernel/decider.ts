import type { Actor } from './actor.js';
import type { BusinessCalendar } from './calendar.js';
import type { AnyDefinition, Message } from './message.js';
import type { Refusal } from './refusal.js';

/** Facts about the moment of decision: the only place where time, identity and chance enter a decider. */
export type Moment = Readonly<{
  now: Date;
  actor: Actor;
  commandId: string;
  /** The operator's: which days are business days is decided by people, and anew every year. */
  calendar: BusinessCalendar;
}>;

/**
 * What a decider answers: the events, or a refusal. A refusal may still leave events behind
 * (a failed login is a fact), and then both happen.
 */
export type Outcome<E extends Message> =
  | Readonly<{
      events: readonly E[];
      refusal?: undefined;
      /** Whose events they are, where only the decision knows; otherwise the sender's tenant. */
      tenant?: string;
    }>
  | Readonly<{ events: readonly E[]; refusal: Refusal; tenant?: undefined }>;

export const accept = <E extends Message>(...events: readonly E[]): Outcome<E> => ({ events });

export const acceptWithin = <E extends Message>(tenant: string, ...events: readonly E[]): Outcome<E> => ({
  events,
  tenant,
});

export const refuse = <E extends Message = never>(refusal: Refusal, ...events: readonly E[]): Outcome<E> => ({
  events,
  refusal,
});

export type Decider<State, Command extends Message, Event extends Message> = Readonly<{
  /** The stream whose history decides; one aggregate each. */
  stream: (command: Command) => string;
  initial: State;
  decide: (command: Command, state: State, moment: Moment) => Outcome<Event>;
  evolve: (state: State, event: Event) => State;
  /** Every event that may stand in the stream. */
  events: readonly AnyDefinition[];
}>;

export const fold = <State, Event extends Message>(
  { initial, evolve }: Pick<Decider<State, never, Event>, 'initial' | 'evolve'>,
  history: readonly Event[],
): State => history.reduce(evolve, initial);

export const unreachable = (value: never): never => {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`);
};
