import type { StatementSync } from 'node:sqlite';
import type { SearchAttributeTypes } from '../engine/search-attributes.js';
import type { ListPageToken } from '../protocol/tokens.js';
import { compileFilter, type CompiledFilter } from './list-filter.js';
import type { RunRow } from './snapshot.js';
import type { Store } from './store.js';

export interface ListedRow extends RunRow {
  readonly workflow_id: string;
  readonly workflow_type: string;
  readonly task_queue: string;
  readonly start_ms: number;
  readonly execution_ms: number;
  readonly order_ms: number;
}

const COLUMNS = `row, run_id, workflow_id, workflow_type, task_queue, status, start_ms, execution_ms, close_ms, order_ms,
  history_length, history_bytes, birth, memo, search_attributes`;
const MOST_STATEMENTS = 64;

export const listSql = (filter: string, goesOn: boolean): string =>
  `SELECT ${COLUMNS} FROM runs WHERE namespace = ? AND ${filter}
   ${goesOn ? 'AND (order_ms, start_ms, row) < (?, ?, ?)' : ''}
   ORDER BY order_ms DESC, start_ms DESC, row DESC LIMIT ?`;

/** The sign keeps the grouping from choosing an index in place of the filter. */
export const countSql = (filter: string, byStatus: boolean): string =>
  byStatus
    ? `SELECT status, count(*) AS n FROM runs WHERE namespace = ? AND ${filter} GROUP BY +status ORDER BY +status`
    : `SELECT 0 AS status, count(*) AS n FROM runs WHERE namespace = ? AND ${filter}`;

/** Lists and counts by the indexes of the store; no run is loaded for it. */
export class Visibility {
  readonly #store: Store;
  readonly #types: SearchAttributeTypes;
  readonly #statements = new Map<string, StatementSync>();

  constructor(store: Store, types: SearchAttributeTypes) {
    this.#store = store;
    this.#types = types;
  }

  list(namespace: string, query: string, most: number, after: ListPageToken | undefined): ListedRow[] {
    const { sql, parameters } = this.#compile(query);
    const statement = this.#prepare(listSql(sql, after !== undefined));
    const from = after ? [after.orderMs, after.startMs, after.row] : [];
    return statement.all(namespace, ...parameters, ...from, most) as unknown as ListedRow[];
  }

  count(namespace: string, query: string): { total: number; byStatus: Map<number, number> | undefined } {
    const { sql, parameters, groupByStatus } = this.#compile(query);
    const rows = this.#prepare(countSql(sql, groupByStatus)).all(namespace, ...parameters);
    const byStatus = new Map(rows.map((row) => [Number(row['status']), Number(row['n'])]));
    const total = [...byStatus.values()].reduce((sum, n) => sum + n, 0);
    return { total, byStatus: groupByStatus ? byStatus : undefined };
  }

  #compile(query: string): CompiledFilter {
    return compileFilter(query, this.#types);
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      if (this.#statements.size >= MOST_STATEMENTS) this.#statements.clear();
      statement = this.#store.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
