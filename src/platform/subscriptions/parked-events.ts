import type { Kysely } from 'kysely';
import type { Clock } from '../../kernel/clock.js';
import { derivedId } from '../../kernel/ids.js';
import type { AnyDefinition } from '../../kernel/message.js';
import type { EventStore } from '../event-store/event-store.js';
import type { Database } from '../sql/database.js';
import type { AnyTables } from '../projections/definition.js';
import { Generations } from '../projections/generations.js';
import type { CheckpointTables, Checkpoints } from './checkpoints.js';

type Row = { sink: string; event_id: string; type: string; stream: string; fault: string; parked_at: string };
type ReadModelTables = { parked_events: Row & { revision: number } };

export type ParkedEvent = Readonly<{
  id: string;
  follower: string;
  kind: 'readModel' | 'effect';
  eventId: string;
  type: string;
  stream: string;
  fault: string;
  parkedAt: string;
}>;

/** What may be seen of an event by whoever mends a fault: no personal value, and nothing that nobody described. */
export type Content = Readonly<{
  readable: boolean;
  occurredAt: string | null;
  operation: string | null;
  tenant: string | null;
  correlationId: string | null;
  data: Readonly<Record<string, unknown>>;
}>;

const HIDDEN = '[hidden]';
const LIST_MAX = 500;

type Parts = Readonly<{
  readModels: Database<AnyTables>;
  secrets: Database<CheckpointTables>;
  events: EventStore;
  checkpoints: Checkpoints;
  definitions: readonly AnyDefinition[];
  clock: Clock;
}>;

/** Events that were put aside because a follower could not handle them. Each waits for a person. */
export class ParkedEvents {
  private readonly rows: Kysely<ReadModelTables>;
  private readonly effects: Kysely<CheckpointTables>;
  private readonly generations: Generations;

  constructor(private readonly parts: Parts) {
    this.rows = parts.readModels.write as Kysely<ReadModelTables>;
    this.effects = parts.secrets.write;
    this.generations = new Generations(parts.readModels);
  }

  /** The oldest first: they hold up the most. */
  async list(): Promise<Readonly<{ items: readonly ParkedEvent[]; total: number }>> {
    const all = await this.all();
    return { items: all.slice(0, LIST_MAX), total: all.length };
  }

  async find(id: string): Promise<ParkedEvent | null> {
    return (await this.all()).find((parked) => parked.id === id) ?? null;
  }

  async countByFollower(): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    for (const { follower } of await this.all()) counts.set(follower, (counts.get(follower) ?? 0) + 1);
    return counts;
  }

  async contentOf({ stream, eventId }: ParkedEvent): Promise<Content | null> {
    const delivered = (await this.parts.events.look(stream)).find(
      ({ recorded, fault }) => (recorded ?? fault).id === eventId,
    );
    if (!delivered) return null;
    if (!delivered.recorded) {
      // It breaks its schema, so nobody knows which of its values are personal.
      const data = Object.fromEntries(delivered.fault.fields.map((field) => [field, HIDDEN]));
      return { readable: false, occurredAt: null, operation: null, tenant: null, correlationId: null, data };
    }
    const { type, data, metadata } = delivered.recorded;
    const { occurredAt, operation, tenant, $correlationId: correlationId } = metadata;
    return { readable: true, occurredAt, operation, tenant, correlationId, data: this.shown(type, data) };
  }

  /** Once more, after a mend. What fails again goes on waiting, with what it failed of now. */
  async replay(id: string): Promise<void> {
    const parked = await this.find(id);
    if (!parked) return;
    const { follower, kind, eventId, stream } = parked;
    // A row that was left out is not put in later, behind events that counted on it: the whole is built anew.
    if (kind === 'readModel') {
      await this.rows.deleteFrom('parked_events').where('sink', '=', follower).execute();
      return this.generations.request(follower, this.parts.clock.now());
    }
    try {
      const delivered = (await this.parts.events.look(stream)).find(
        (each) => (each.recorded ?? each.fault).id === eventId,
      );
      if (!delivered) throw new Error('the event is not in its stream');
      if (!delivered.recorded) throw new Error(delivered.fault.fault);
      await this.parts.checkpoints.repeat(follower, delivered.recorded);
    } catch (error) {
      return this.failedAgain(parked, error instanceof Error ? error.message : String(error));
    }
    await this.forget(id);
  }

  async forget(id: string): Promise<void> {
    const parked = await this.find(id);
    if (!parked) return;
    const { follower, kind, eventId } = parked;
    if (kind === 'readModel')
      await this.rows
        .deleteFrom('parked_events')
        .where('sink', '=', follower)
        .where('event_id', '=', eventId)
        .execute();
    else
      await this.effects
        .deleteFrom('parked_consequences')
        .where('sink', '=', follower)
        .where('event_id', '=', eventId)
        .execute();
  }

  private async failedAgain({ follower, eventId }: ParkedEvent, fault: string): Promise<void> {
    const set = { fault, parked_at: this.parts.clock.now().toISOString() };
    const row = this.effects.updateTable('parked_consequences').set(set);
    await row.where('sink', '=', follower).where('event_id', '=', eventId).execute();
  }

  private async all(): Promise<readonly ParkedEvent[]> {
    const of = (kind: ParkedEvent['kind']) => (row: Row) => ({
      id: derivedId('parked', row.sink, row.event_id),
      follower: row.sink,
      kind,
      eventId: row.event_id,
      type: row.type,
      stream: row.stream,
      fault: row.fault,
      parkedAt: row.parked_at,
    });
    const rows = await this.rows.selectFrom('parked_events').selectAll().execute();
    const effects = await this.effects.selectFrom('parked_consequences').selectAll().execute();
    const all = [...rows.map(of('readModel')), ...effects.map(of('effect'))];
    return all.sort((a, b) => (a.parkedAt + a.id < b.parkedAt + b.id ? -1 : 1));
  }

  private shown(type: string, data: object): Readonly<Record<string, unknown>> {
    const definition = this.parts.definitions.find((known) => known.type === type);
    // What lies deeper may hold personal values that only the parts of it are marked with.
    const visible = (field: string, value: unknown): unknown =>
      definition?.personalFields.includes(field) || (typeof value === 'object' && value !== null) ? HIDDEN : value;
    return Object.fromEntries(Object.entries(data).map(([field, value]) => [field, visible(field, value)]));
  }
}
