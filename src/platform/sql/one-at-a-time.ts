import { sql } from 'kysely';
import type { Database } from './database.js';
import { isPostgres } from './table-names.js';

/**
 * For what processes that start together must not do together: on PostgreSQL two that make the same table at one
 * moment do not both succeed, even where each would leave it alone if it were there.
 */
export const oneAtATime = async <T>({ write }: Database<unknown>, work: () => Promise<T>): Promise<T> => {
  if (!isPostgres(write)) return work();
  const key = sql`hashtext('shomei start'), 0`;
  return write.connection().execute(async (connection) => {
    await sql`select pg_advisory_lock(${key})`.execute(connection);
    try {
      return await work();
    } finally {
      await sql`select pg_advisory_unlock(${key})`.execute(connection);
    }
  });
};
