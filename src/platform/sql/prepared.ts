import type { Compilable, CompiledQuery, Kysely } from 'kysely';

/** Runs SQL at once, without a turn of the event loop; only an embedded database can. */
export type Direct = (sql: string, values: readonly unknown[]) => unknown[];

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each query names its own tables
type AnyTables = any;

/** A connection, and the names under which it knows the tables now. */
export type Place = Readonly<{
  db: Kysely<AnyTables>;
  table: (name: string) => string;
  /** Where there is one it reaches the same connection as `db`, also within a transaction. */
  direct?: Direct | null;
}>;

/** Stands where an argument will be, while a query is built for all arguments. */
class Slot {
  constructor(readonly index: number) {}
}

/** A query for all arguments; `soon` answers without a promise where the database can. */
export type Prepared<P extends Place, Args extends readonly unknown[], Row> = ((
  place: P,
  ...args: Args
) => Promise<Row[]>) &
  Readonly<{ soon: (place: P, ...args: Args) => Row[] | Promise<Row[]> }>;

/**
 * A query that is built and compiled once for each set of tables and then only run. Building and compiling cost
 * several times what SQLite needs to answer. The builder meets placeholders instead of arguments: it may put them where
 * values stand and must not look at them.
 */
export const prepared = <P extends Place, Args extends readonly unknown[], Row>(
  build: (place: P, ...args: Args) => Compilable<Row>,
): Prepared<P, Args, Row> => {
  const known = new WeakMap<object, Map<string, CompiledQuery<Row>>>();
  const byPlace = new WeakMap<P, CompiledQuery<Row>>();
  const compiled = (place: P, count: number): CompiledQuery<Row> => {
    const { adapter } = place.db.getExecutor();
    const byTables = known.get(adapter) ?? new Map<string, CompiledQuery<Row>>();
    known.set(adapter, byTables);
    const tables = place.table('');
    const query =
      byTables.get(tables) ??
      build(place, ...(Array.from({ length: count }, (_, index) => new Slot(index)) as unknown as Args)).compile();
    byTables.set(tables, query);
    byPlace.set(place, query);
    return query;
  };
  const soon = (place: P, ...args: Args): Row[] | Promise<Row[]> => {
    const query = byPlace.get(place) ?? compiled(place, args.length);
    const parameters = query.parameters.map((value) => (value instanceof Slot ? args[value.index] : value));
    if (place.direct) return place.direct(query.sql, parameters) as Row[];
    return place.db.executeQuery({ ...query, parameters }).then(({ rows }) => rows as Row[]);
  };
  return Object.assign(async (place: P, ...args: Args) => soon(place, ...args), { soon });
};
