import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

/** A prepared SELECT whose rows come as arrays, which is what the hot path can afford. */
export class Query<Row extends unknown[]> {
  private readonly statement: StatementSync;

  constructor(db: DatabaseSync, sql: string) {
    this.statement = db.prepare(sql);
    this.statement.setReturnArrays(true);
  }

  first(...parameters: SQLInputValue[]): Row | undefined {
    return this.statement.get(...parameters) as unknown as Row | undefined;
  }

  rows(...parameters: SQLInputValue[]): Iterable<Row> {
    return this.statement.iterate(...parameters) as unknown as Iterable<Row>;
  }
}
