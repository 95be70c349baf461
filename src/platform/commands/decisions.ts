import { LRUCache } from 'lru-cache';
import { type BusinessCalendar, businessCalendar } from '../../kernel/calendar.js';
import type { Clock } from '../../kernel/clock.js';
import type { Decider, Moment, Outcome } from '../../kernel/decider.js';
import { eventId } from '../../kernel/ids.js';
import type { Message } from '../../kernel/message.js';
import { refusal } from '../../kernel/refusal.js';
import { type EventStore, WrongExpectedRevision } from '../event-store/event-store.js';
import type { Metadata, NewEvent, Recorded } from '../event-store/recorded.js';
import { authorityOf, type Decided, type Sender } from './sender.js';

const ATTEMPTS_MAX = 10;
const STREAMS_REMEMBERED_MAX = 10_000;
const BACKOFF_MAX_MS = 40;

type Aggregate = { state: unknown; revision: number; commandIds: Set<string> };
type AnyDecider = Decider<unknown, Message, Message>;

/** How often each thing happened, for whoever counts. */
export type DecisionListener = Readonly<{
  conflict: (stream: string) => void;
  decided: (command: string, result: string, seconds: number) => void;
  /** For whoever must know when everything has come to rest: a decision begins, it has recorded, it is over. */
  began?: () => void;
  recorded?: (events: readonly Recorded[]) => void;
  ended?: () => void;
}>;

/**
 * Load, fold, decide, append with the expected revision, and again if someone was faster.
 *
 * Folded states are remembered. An acceptance may rest on a remembered state, because the append proves
 * that it was the newest; a refusal appends nothing, so it is given only on a state read just now.
 */
export class Decisions {
  private readonly aggregates = new LRUCache<string, Aggregate>({ max: STREAMS_REMEMBERED_MAX });
  private readonly turns = new Map<string, Promise<unknown>>();

  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
    private readonly listener: DecisionListener,
    private readonly calendar: BusinessCalendar = businessCalendar(),
  ) {}

  /** What a decider is told of this moment; also for whoever must know beforehand what it will say. */
  momentOf(sender: Sender): Moment {
    const { calendar } = this;
    return { now: this.clock.now(), actor: authorityOf(sender), commandId: sender.commandId, calendar };
  }

  async decide<S, C extends Message, E extends Message>(
    decider: Decider<S, C, E>,
    command: C,
    sender: Sender,
  ): Promise<Decided> {
    const stream = decider.stream(command);
    const beganMs = performance.now();
    let result = 'fault';
    this.listener.began?.();
    try {
      const decided = await this.inTurn(stream, () =>
        this.decideNow(decider as unknown as AnyDecider, stream, command, sender),
      );
      result = decided.refusal ? 'refused' : 'accepted';
      return decided;
    } finally {
      this.listener.decided(command.type, result, (performance.now() - beganMs) / 1000);
      this.listener.ended?.();
    }
  }

  /** The newest state of an aggregate and its revision (-1: nothing recorded yet). */
  async stateOf<S, C extends Message, E extends Message>(
    decider: Decider<S, C, E>,
    stream: string,
  ): Promise<Readonly<{ state: S; revision: number }>> {
    const { state, revision } = await this.inTurn(stream, () =>
      this.refreshed(decider as unknown as AnyDecider, stream),
    );
    return { state: state as S, revision };
  }

  private async decideNow(decider: AnyDecider, stream: string, command: Message, sender: Sender): Promise<Decided> {
    const moment = this.momentOf(sender);
    let aggregate = this.aggregates.get(stream);
    let fresh = false;
    // What nobody remembers is often not there yet, and then the append proves that, too. A command that may be a
    // repetition is not guessed for: the store would take its events for those that it has.
    let guessed = !aggregate && sender.attemptedOnce === true;
    if (guessed) aggregate = nothingYet(decider);
    for (let attempt = 1; ; attempt += 1) {
      if (!aggregate) {
        aggregate = await this.refreshed(decider, stream);
        fresh = true;
      }
      if (aggregate.commandIds.has(sender.commandId)) return this.firstAnswer(stream, sender);
      const outcome = decider.decide(command, aggregate.state, moment);
      if (!fresh && (outcome.refusal || outcome.events.length === 0)) {
        aggregate = undefined;
        continue;
      }
      if (outcome.events.length === 0) return this.withoutEvents(stream, aggregate, outcome);
      try {
        return await this.record(decider, stream, aggregate, outcome, command, sender, moment.now);
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision) || attempt >= ATTEMPTS_MAX) throw error;
        aggregate = undefined;
        if (guessed) {
          guessed = false;
          continue;
        }
        this.listener.conflict(stream);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * BACKOFF_MAX_MS));
      }
    }
  }

  private withoutEvents(stream: string, { revision }: Aggregate, { refusal }: Outcome<Message>): Decided {
    return { refusal: refusal ?? null, events: [], stream, version: revision };
  }

  private async record(
    decider: AnyDecider,
    stream: string,
    aggregate: Aggregate,
    outcome: Outcome<Message>,
    { type }: Message,
    sender: Sender,
    now: Date,
  ): Promise<Decided> {
    const versions = new Map(decider.events.map((definition) => [definition.type, definition.version]));
    const events = outcome.events.map((event, index): NewEvent => ({
      ...event,
      id: eventId(sender.commandId, index),
      metadata: metadataOf(sender, type, now, versions.get(event.type) ?? 1, outcome),
    }));
    const version = await this.store.append(stream, aggregate.revision, events);
    aggregate.state = events.reduce(decider.evolve, aggregate.state);
    aggregate.revision = version;
    aggregate.commandIds.add(sender.commandId);
    this.aggregates.set(stream, aggregate);
    const first = version - events.length + 1;
    const recorded = events.map((event, index): Recorded => ({
      ...event,
      stream,
      revision: first + index,
      position: '',
    }));
    this.listener.recorded?.(recorded);
    return { refusal: outcome.refusal ?? null, events: recorded, stream, version };
  }

  /** The command was carried out before; what it recorded then is the answer now. */
  private async firstAnswer(stream: string, sender: Sender): Promise<Decided> {
    const events = (await this.store.read(stream)).filter((e) => e.metadata.$causationId === sender.commandId);
    const { refused, fingerprint } = events[0]!.metadata;
    const version = events.at(-1)!.revision;
    if (fingerprint !== sender.fingerprint)
      return { refusal: refusal('IDEMPOTENCY_KEY_REUSED'), events: [], stream, version };
    return { refusal: refused ? { ...refused } : null, events, stream, version, repeated: true };
  }

  private async refreshed(decider: AnyDecider, stream: string): Promise<Aggregate> {
    const known = this.aggregates.get(stream);
    const aggregate = known ?? nothingYet(decider);
    for (const event of await this.store.read(stream, aggregate.revision + 1)) {
      aggregate.state = decider.evolve(aggregate.state, event);
      aggregate.revision = event.revision;
      aggregate.commandIds.add(event.metadata.$causationId);
    }
    if (aggregate.revision >= 0) this.aggregates.set(stream, aggregate);
    return aggregate;
  }

  /** Within this process commands on one stream wait for each other: cheaper than losing the race. */
  private async inTurn<T>(stream: string, work: () => Promise<T>): Promise<T> {
    const before = this.turns.get(stream) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.turns.set(stream, mine);
    try {
      return await mine;
    } finally {
      if (this.turns.get(stream) === mine) this.turns.delete(stream);
    }
  }
}

const nothingYet = ({ initial }: AnyDecider): Aggregate => ({ state: initial, revision: -1, commandIds: new Set() });

const metadataOf = (
  { commandId, correlationId, actor, onBehalfOf, tenant, service, clientAddress, fingerprint }: Sender,
  operation: string,
  now: Date,
  schema: number,
  { refusal, tenant: named }: Outcome<Message>,
): Metadata => ({
  $correlationId: correlationId,
  $causationId: commandId,
  occurredAt: now.toISOString(),
  tenant: named ?? tenant,
  service,
  actor,
  onBehalfOf,
  operation,
  clientAddress,
  schema,
  fingerprint,
  refused: refusal ? { code: refusal.code, params: refusal.params } : null,
});
