import { DatabaseSync } from 'node:sqlite';
import { SearchAttributeTypes } from '../engine/search-attributes.js';
import { compileFilter } from './list-filter.js';
import { migrations } from './schema.js';
import { countSql, listSql } from './visibility.js';

const types = new SearchAttributeTypes({ Colour: 'Keyword' });

function planOf(sqlOf: (filter: string) => string, query: string, after: readonly number[] = []): string {
  const db = new DatabaseSync(':memory:');
  for (const migration of migrations) db.exec(migration);
  const { sql, parameters } = compileFilter(query, types);
  const rows = db.prepare(`EXPLAIN QUERY PLAN ${sqlOf(sql)}`).all('default', ...parameters, ...after);
  db.close();
  return rows.map((row) => String(row['detail'])).join('; ');
}

describe.each([false, true])('a list (next pages: %s)', (goesOn) => {
  const listPlan = (query: string): string =>
    planOf((sql) => listSql(sql, goesOn), query, [...(goesOn ? [1, 1, 1] : []), 10]);

  test.each([
    ['', 'runs_in_order'],
    [`WorkflowType = 'a'`, 'runs_by_type'],
    [`ExecutionStatus = 'Running'`, 'runs_by_status'],
    [`StartTime > '2001-01-01T00:00:00Z'`, 'runs_in_order'],
    [`CloseTime > '2001-01-01T00:00:00Z'`, 'runs_in_order'],
    [`ExecutionTime > '2001-01-01T00:00:00Z'`, 'runs_in_order'],
    [`TaskQueue = 'a'`, 'runs_in_order'],
    [`WorkflowType = 'a' OR TaskQueue = 'b'`, 'runs_in_order'],
    [`NOT WorkflowType = 'a'`, 'runs_in_order'],
  ])('%s is served by an index, in its order', (query, index) => {
    const plan = listPlan(query);
    expect(plan).toContain(`USING INDEX ${index}`);
    expect(plan).not.toContain('TEMP B-TREE');
    expect(plan).not.toMatch(/SCAN runs(;|$)/);
  });

  test.each([[`WorkflowId = 'a'`], [`RunId = 'a'`], [`Colour = 'red'`]])(
    '%s finds its few rows by an index',
    (query) => {
      expect(listPlan(query)).toMatch(/SEARCH runs USING (INDEX|INTEGER PRIMARY KEY)/);
    },
  );
});

describe.each([false, true])('a count (by status: %s)', (byStatus) => {
  test.each([
    '',
    `WorkflowType = 'a'`,
    `ExecutionStatus = 'Running'`,
    `CloseTime > '2001-01-01T00:00:00Z'`,
    `ExecutionTime > '2001-01-01T00:00:00Z'`,
    `TaskQueue = 'a'`,
    `WorkflowType = 'a' OR TaskQueue = 'b'`,
  ])('%s reads an index only, no row', (query) => {
    expect(planOf((sql) => countSql(sql, byStatus), query)).toContain('USING COVERING INDEX');
  });
});

test.each([
  [`HistoryLength > 10`, 'what changes with every event is in no index'],
  [`Colour != 'red'`, 'nor is what a run lacks'],
])('%s walks the runs: %s', (query) => {
  expect(planOf((sql) => listSql(sql, false), query, [10])).toContain('USING INDEX runs_in_order (namespace=?)');
});
