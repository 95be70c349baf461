import type { Kysely } from 'kysely';
import type { Clock } from '../../kernel/clock.js';
import type { Undecodable } from '../event-store/event-store.js';
import type { Position, Recorded } from '../event-store/recorded.js';
import type { Database } from '../sql/database.js';
import { type Place, prepared } from '../sql/prepared.js';
import { type Sink, type Source, Subscription, type SubscriptionListener } from '../subscriptions/subscription.js';
import { type AnyTables, prefixOf, type ProjectionDefinition, type Rows } from './definition.js';
import { type Generation, Generations, type Request } from './generations.js';

/** What is kept, and where the rows that answer stand, whoever keeps them. */
export const keptRows = (
  definitions: readonly ProjectionDefinition[],
  database: Database<AnyTables>,
): readonly Pick<Sink, 'name' | 'typePrefixes' | 'position'>[] => {
  const generations = new Generations(database);
  return definitions.map(({ name, typePrefixes }) => ({
    name,
    typePrefixes,
    position: async () => (await generations.all(name)).find(({ live }) => live === 1)?.position ?? null,
  }));
};

const REQUESTS_EVERY_MS = 500;
/** A rebuild that failed is tried again, but not at once: each leaves half a set of tables to take away. */
const FAILED_PAUSE_MS = 10_000;

type Bookkept = { projection_generations: { name: string; generation: number; position: string | null } };

/** Old and new programs may run side by side for a while; the old one must not take the new one's rows away. */
export class NewerReadModel extends Error {
  override readonly name = 'NewerReadModel';
  constructor({ name, version }: ProjectionDefinition, newer: Generation) {
    super(
      `the read model ${name} was built by a newer program (version ${newer.version}, this one has ${version}): start that one, ` +
        `or, to go back for good, run "npm run shomei -- projections discard ${name}" with this one`,
    );
  }
}

/** Keeps the read models of this process up to date, and builds them anew beside the old rows when asked. */
export class Projector {
  private readonly generations: Generations;
  private readonly live = new Map<string, Subscription>();
  private readonly rebuilding = new Map<string, Promise<void>>();
  private requests: NodeJS.Timeout | undefined;
  private stopping = false;
  private obeying = false;
  private pausedUntilMs = 0;

  constructor(
    private readonly store: Source,
    private readonly database: Database<AnyTables>,
    private readonly definitions: readonly ProjectionDefinition[],
    private readonly clock: Clock,
    private readonly listener: SubscriptionListener,
  ) {
    this.generations = new Generations(database);
  }

  /** Also after a stop: the work of one process may come back to it. */
  async start(): Promise<void> {
    this.stopping = false;
    await this.generations.prepare();
    for (const definition of this.definitions) await this.startOne(definition);
    this.requests = setInterval(() => void this.obeyRequests(), REQUESTS_EVERY_MS);
  }

  get caughtUp(): boolean {
    return this.live.size === this.definitions.length && [...this.live.values()].every(({ caughtUp }) => caughtUp);
  }

  async untilCaughtUp(): Promise<void> {
    await Promise.all([...this.live.values()].map((subscription) => subscription.untilCaughtUp()));
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearInterval(this.requests);
    await Promise.all([...this.live.values()].map((subscription) => subscription.stop()));
    await Promise.allSettled(this.rebuilding.values());
    this.live.clear();
  }

  /** Resolves when the new rows are live. Until then the old ones answer and are kept up to date. */
  rebuild(name: string): Promise<void> {
    const running = this.rebuilding.get(name);
    if (running) return running;
    const definition = this.definitions.find((candidate) => candidate.name === name);
    if (!definition) throw new Error(`there is no read model named ${name}`);
    const work = this.rebuildOne(definition).finally(() => this.rebuilding.delete(name));
    this.rebuilding.set(name, work);
    return work;
  }

  private async startOne(definition: ProjectionDefinition): Promise<void> {
    const known = await this.generations.all(definition.name);
    const newer = known.find(({ version }) => version > definition.version);
    if (newer) throw new NewerReadModel(definition, newer);
    const last = known.at(-1)?.generation ?? 0;
    const current = known.find(({ live, version }) => live === 1 && version === definition.version);
    // Rows of an older shape answer no query of this program, so there is nothing to keep them for.
    const generation = current ?? (await this.generations.create(definition, last + 1, true));
    await this.generations.promote(definition, generation.generation);
    this.follow(definition, generation);
  }

  private follow(definition: ProjectionDefinition, generation: Generation): Subscription {
    const subscription = this.subscriptionOf(definition, generation);
    this.live.set(definition.name, subscription);
    subscription.start();
    void subscription.untilCaughtUp().then(async () => {
      const now = this.clock.now();
      await this.generations.noteBuilt(definition.name, generation.generation, now).catch((error: unknown) => {
        this.listener.failed(definition.name, error);
      });
    });
    return subscription;
  }

  private async rebuildOne(definition: ProjectionDefinition): Promise<void> {
    const { name } = definition;
    const last = (await this.generations.all(name)).at(-1)?.generation ?? 0;
    const generation = await this.generations.create(definition, last + 1, false);
    await this.generations.forgetParked(name);
    const building = this.subscriptionOf(definition, generation);
    building.start();
    while (!building.caughtUp && !this.stopping)
      await Promise.race([building.untilCaughtUp(), sleep(REQUESTS_EVERY_MS)]);
    await building.stop();
    if (this.stopping) return;
    await this.live.get(name)?.stop();
    await this.generations.promote(definition, generation.generation);
    await this.follow(definition, generation).untilCaughtUp();
  }

  private async obeyRequests(): Promise<void> {
    if (this.obeying || performance.now() < this.pausedUntilMs) return;
    this.obeying = true;
    try {
      const requests = await this.generations.requests(this.definitions.map(({ name }) => name));
      await Promise.all(requests.map((request) => this.obey(request)));
    } catch (error) {
      this.pausedUntilMs = performance.now() + FAILED_PAUSE_MS;
      this.listener.failed('projection-requests', error);
    } finally {
      this.obeying = false;
    }
  }

  private async obey(request: Request): Promise<void> {
    await this.rebuild(request.name);
    // Cut short by the stop it was not done; whoever works next finds it.
    if (!this.stopping) await this.generations.fulfilled(request);
  }

  private subscriptionOf(definition: ProjectionDefinition, { generation }: Generation): Subscription {
    return new Subscription(this.store, this.sinkOf(definition, generation), this.listener);
  }

  private sinkOf(definition: ProjectionDefinition, generation: number): Sink {
    const { name, typePrefixes } = definition;
    const prefix = prefixOf(name, generation);
    const db = this.database.write;
    const table = (suffix: string) => prefix + suffix;
    return {
      name,
      typePrefixes,
      position: async () =>
        (await this.generations.all(name)).find((row) => row.generation === generation)?.position ?? null,
      // Row and checkpoint in one transaction: after a crash both are there or neither.
      apply: (events: readonly Recorded[], position: Position) =>
        db.transaction().execute(async (tx) => {
          // Within the transaction both ways lead to its connection.
          const rows = { db: tx, table, direct: this.database.direct?.write ?? null };
          // First of all: whoever else applies to these rows at this moment waits here, and then sees what was applied.
          await moveTo(rows, position, name, generation);
          const fresh = await withoutRepeated(rows, events);
          for (const event of fresh) await definition.apply(event, rows);
          for (const [stream, version] of newestOf(fresh)) await noteVersion(rows, stream, version);
        }),
      passOver: async (position: Position) => {
        await moveTo({ db, table }, position, name, generation);
      },
      park: async (poison: Undecodable) => {
        await this.generations.park(name, poison, this.clock.now());
        await moveTo({ db, table }, poison.position, name, generation);
      },
    };
  }
}

const moveTo = prepared(({ db }: Place, position: Position, name: string, generation: number) =>
  (db as Kysely<Bookkept>)
    .updateTable('projection_generations')
    .set({ position })
    .where('name', '=', name)
    .where('generation', '=', generation),
);

type Streams = Record<string, { stream: string; version: number }>;

const versionOf = prepared(({ db, table }: Rows, stream: string) =>
  (db as Kysely<Streams>).selectFrom(table('streams')).select('version').where('stream', '=', stream),
);

const noteVersion = prepared(({ db, table }: Rows, stream: string, version: number) =>
  (db as Kysely<Streams>)
    .insertInto(table('streams'))
    .values({ stream, version })
    .onConflict((conflict) => conflict.column('stream').doUpdateSet({ version: (e) => e.ref('excluded.version') })),
);

const versionsOf = async (rows: Rows, streams: readonly string[]): Promise<ReadonlyMap<string, number>> => {
  const versions = new Map<string, number>();
  if (rows.direct) {
    for (const stream of streams) versions.set(stream, (await versionOf(rows, stream))[0]?.version ?? -1);
    return versions;
  }
  // Elsewhere each question is a journey, so all are asked at once.
  const known = (rows.db as Kysely<Streams>).selectFrom(rows.table('streams')).selectAll();
  for (const { stream, version } of await known.where('stream', 'in', [...streams]).execute())
    versions.set(stream, version);
  return versions;
};

/** A process that fell asleep may hand in what another has applied meanwhile; rows must not count it twice. */
const withoutRepeated = async (rows: Rows, events: readonly Recorded[]): Promise<readonly Recorded[]> => {
  const applied = await versionsOf(rows, [...new Set(events.map(({ stream }) => stream))]);
  return events.filter(({ stream, revision }) => revision > (applied.get(stream) ?? -1));
};

const newestOf = (events: readonly Recorded[]): Map<string, number> =>
  new Map(events.map(({ stream, revision }) => [stream, revision]));

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms).unref());
