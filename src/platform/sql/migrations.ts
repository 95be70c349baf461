import { type Kysely, sql, type Transaction } from 'kysely';
import { isPostgres, tableNames } from './table-names.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each step names the tables that it changes
type AnyTables = any;

/**
 * One change of tables that hold what cannot be built again. After an `expand` step the program of before still works on
 * them, so that both may run side by side while a service is replaced; after a `contract` step it does not any more. Steps
 * are never edited once they were released: a wrong one is followed by another.
 */
export type Step = Readonly<{ kind: 'expand' | 'contract'; up: (db: Transaction<AnyTables>) => Promise<void> }>;

/** The tables were changed by a newer program in a way that this one does not understand. */
export class NewerSchema extends Error {
  override readonly name = 'NewerSchema';
}

type Versions = { schema_versions: { scope: string; version: number; readable_from: number } };
type Version = Readonly<{ version: number; readable_from: number }>;

/** Brings the tables of one part of the product up to date, in one step for all that happens to them. */
export const migrate = async (db: Kysely<AnyTables>, scope: string, steps: readonly Step[]): Promise<void> => {
  const found = await versionOf(db, scope);
  if (found !== null && found.version >= steps.length) return assertReadable(found, scope, steps);
  await (db as Kysely<Versions>).transaction().execute(async (tx) => {
    // Several processes may start at once: the first changes the tables, the others find them changed.
    if (isPostgres(tx)) await sql`select pg_advisory_xact_lock(hashtext('shomei schema'))`.execute(tx);
    await tx.schema
      .createTable('schema_versions')
      .ifNotExists()
      .addColumn('scope', 'text', (c) => c.primaryKey())
      .addColumn('version', 'integer', (c) => c.notNull())
      .addColumn('readable_from', 'integer', (c) => c.notNull())
      .execute();
    const now = (await readVersion(tx, scope)) ?? { version: 0, readable_from: 0 };
    for (const step of steps.slice(now.version)) await step.up(tx);
    const version = Math.max(now.version, steps.length);
    const readable_from = Math.max(now.readable_from, steps.findLastIndex(({ kind }) => kind === 'contract') + 1);
    await tx
      .insertInto('schema_versions')
      .values({ scope, version, readable_from })
      .onConflict((c) => c.column('scope').doUpdateSet({ version, readable_from }))
      .execute();
    assertReadable({ version, readable_from }, scope, steps);
  });
};

const assertReadable = ({ version, readable_from }: Version, scope: string, steps: readonly Step[]): void => {
  if (readable_from > steps.length)
    throw new NewerSchema(
      `the tables of ${scope} have schema ${version}, which this program (schema ${steps.length}) cannot read: start the newer program`,
    );
};

const versionOf = async (db: Kysely<AnyTables>, scope: string): Promise<Version | null> => {
  return (await tableNames(db)).includes('schema_versions') ? readVersion(db, scope) : null;
};

const readVersion = async (db: Kysely<AnyTables>, scope: string): Promise<Version | null> => {
  const row = (db as Kysely<Versions>).selectFrom('schema_versions').select(['version', 'readable_from']);
  return (await row.where('scope', '=', scope).executeTakeFirst()) ?? null;
};
