import type { Kysely } from 'kysely';
import type { Clock } from '../../kernel/clock.js';
import type { Undecodable } from '../event-store/event-store.js';
import type { Position, Recorded } from '../event-store/recorded.js';
import { migrate, type Step } from '../sql/migrations.js';
import type { Sink } from './subscription.js';

export type CheckpointTables = {
  subscription_positions: { name: string; position: string };
  parked_consequences: {
    sink: string;
    event_id: string;
    type: string;
    stream: string;
    fault: string;
    parked_at: string;
  };
};

const STEPS: readonly Step[] = [
  {
    kind: 'expand',
    up: async (tx) => {
      await tx.schema
        .createTable('subscription_positions')
        .ifNotExists()
        .addColumn('name', 'text', (c) => c.primaryKey())
        .addColumn('position', 'text', (c) => c.notNull())
        .execute();
      await tx.schema
        .createTable('parked_consequences')
        .ifNotExists()
        .addColumn('sink', 'text', (c) => c.notNull())
        .addColumn('event_id', 'text', (c) => c.notNull())
        .addColumn('type', 'text', (c) => c.notNull())
        .addColumn('stream', 'text', (c) => c.notNull())
        .addColumn('fault', 'text', (c) => c.notNull())
        .addColumn('parked_at', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('parked_consequences_pk', ['sink', 'event_id'])
        .execute();
    },
  },
];

/** For sinks whose effect lies elsewhere: the effect first, then the position, so an effect may happen twice but is never lost. */
export class Checkpoints {
  private readonly effects = new Map<string, (event: Recorded) => Promise<void>>();

  constructor(
    private readonly db: Kysely<CheckpointTables>,
    private readonly clock: Clock,
  ) {}

  prepare(): Promise<void> {
    return migrate(this.db, 'subscriptions', STEPS);
  }

  /** Every event of these types has its effect before the position moves past it. */
  sink(name: string, types: readonly string[], effect: (event: Recorded) => Promise<void>): Sink {
    this.effects.set(name, effect);
    return {
      name,
      // The store filters by how a type begins, and one may begin like another: PasswordReset, PasswordResetRequested.
      typePrefixes: types,
      position: async () => {
        const row = this.db.selectFrom('subscription_positions').select('position').where('name', '=', name);
        return (await row.executeTakeFirst())?.position ?? null;
      },
      apply: async (events, position) => {
        for (const event of events) if (types.includes(event.type)) await effect(event);
        await this.moveTo(name, position);
      },
      passOver: (position) => this.moveTo(name, position),
      park: async ({ id, type, stream, fault, position }: Undecodable) => {
        const row = { sink: name, event_id: id, type, stream, fault, parked_at: this.clock.now().toISOString() };
        await this.db
          .insertInto('parked_consequences')
          .values(row)
          .onConflict((c) => c.doNothing())
          .execute();
        await this.moveTo(name, position);
      },
    };
  }

  /** The effect of one event once more, apart from the order of the others. */
  async repeat(name: string, event: Recorded): Promise<void> {
    const effect = this.effects.get(name);
    if (!effect) throw new Error(`nobody here is named ${name}`);
    await effect(event);
  }

  private async moveTo(name: string, position: Position): Promise<void> {
    await this.db
      .insertInto('subscription_positions')
      .values({ name, position })
      .onConflict((c) => c.column('name').doUpdateSet({ position }))
      .execute();
  }
}
