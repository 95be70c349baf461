import { sql } from 'kysely';
import type { Database } from './database.js';
import { isPostgres } from './table-names.js';

const lastOf = new WeakMap<object, Map<string, Promise<unknown>>>();

/** Those of this process wait for each other here, so that at most one of them holds a connection while it waits. */
const inThisProcess = async <T>(db: object, what: string, work: () => Promise<T>): Promise<T> => {
  const last = lastOf.get(db) ?? new Map<string, Promise<unknown>>();
  lastOf.set(db, last);
  const mine = (last.get(what) ?? Promise.resolve()).then(work, work);
  last.set(what, mine);
  try {
    return await mine;
  } finally {
    if (last.get(what) === mine) last.delete(what);
  }
};

/**
 * For what must not be done twice at a time by anybody who shares the database. `shomei start`: on PostgreSQL two
 * processes that make the same table at one moment do not both succeed, even where each would leave it alone if it
 * were there.
 */
export const oneAtATime = async <T>(
  { write }: Database<unknown>,
  work: () => Promise<T>,
  what = 'shomei start',
): Promise<T> =>
  inThisProcess(write, what, () => {
    if (!isPostgres(write)) return work();
    const key = sql`hashtext(${what}), 0`;
    return write.connection().execute(async (connection) => {
      await sql`select pg_advisory_lock(${key})`.execute(connection);
      try {
        return await work();
      } finally {
        await sql`select pg_advisory_unlock(${key})`.execute(connection);
      }
    });
  });

/** The same, for whoever is given the database by name only. */
export class Turns {
  constructor(private readonly database: Database<unknown>) {}

  take<T>(what: string, work: () => Promise<T>): Promise<T> {
    return oneAtATime(this.database, work, what);
  }
}
