import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import pg from 'pg';
import { databaseFault, DatabaseUnavailable } from './unavailable.js';

const POOL_MAX = 10;
const CONNECT_TIMEOUT_MS = 5_000;
/** No question of ours takes so long; a server that says nothing for so long is not there. */
const QUERY_TIMEOUT_MS = 30_000;

/** PostgreSQL's texts cannot hold it. It stands in what was recorded before the edge refused it, and a row must still come of that. */
const storable = (value: unknown): unknown =>
  typeof value === 'string' && value.includes('\u0000') ? value.replaceAll('\u0000', '\ufffd') : value;

/**
 * The driver's pool, which tells a server that is away from a question that is wrong, and gives back no connection that has
 * gone silent: whoever got it next would wait as well.
 */
export const postgresPool = (connectionString: string): PostgresPool => {
  const pool = new pg.Pool({
    connectionString,
    max: POOL_MAX,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
  });
  // A connection that breaks is replaced, and the query that meets it fails; the news of it, unheard, would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    connect: async () => {
      try {
        return clientOf(await pool.connect());
      } catch (error) {
        // Whatever the reason: nothing was asked yet.
        throw new DatabaseUnavailable(`no connection to the database: ${(error as Error).message}`, { cause: error });
      }
    },
    end: () => pool.end(),
  };
};

const clientOf = (client: pg.PoolClient): PostgresPoolClient => {
  let broken: DatabaseUnavailable | null = null;
  const query = async <R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> => {
    // What is asked behind a question without an answer, such as to roll back, would wait as long once more.
    if (broken) throw broken;
    try {
      return (await client.query(sql, parameters.map(storable))) as unknown as PostgresQueryResult<R>;
    } catch (error) {
      const fault = databaseFault(error);
      if (fault instanceof DatabaseUnavailable) broken = fault;
      throw fault;
    }
  };
  return { query: query as PostgresPoolClient['query'], release: () => client.release(broken ?? undefined) };
};
