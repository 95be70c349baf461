import { DatabaseSync } from 'node:sqlite';
import { SearchAttributeTypes } from '../engine/search-attributes.js';
import { compileFilter } from './list-filter.js';
import { migrations } from './schema.js';
import { listSql } from './visibility.js';

const types = new SearchAttributeTypes({ Colour: 'Keyword' });

function planOf(query: string, goesOn: boolean): string {
  const db = new DatabaseSync(':memory:');
  for (const migration of migrations) db.exec(migration);
  const { sql, parameters } = compileFilter(query, types);
  const values = ['default', ...parameters, ...(goesOn ? [1, 1, 1] : []), 10];
  const rows = db.prepare(`EXPLAIN QUERY PLAN ${listSql(sql, goesOn)}`).all(...values);
  db.close();
  return rows.map((row) => String(row['detail'])).join('; ');
}

describe.each([false, true])('lists are served by an index, in its order (next pages: %s)', (goesOn) => {
  test.each([
    ['', 'runs_in_order'],
    [`WorkflowType = 'a'`, 'runs_by_type'],
    [`ExecutionStatus = 'Running'`, 'runs_by_status'],
    [`StartTime > '2001-01-01T00:00:00Z'`, 'runs_in_order'],
  ])('%s', (query, index) => {
    const plan = planOf(query, goesOn);
    expect(plan).toContain(`USING INDEX ${index}`);
    expect(plan).not.toContain('TEMP B-TREE');
    expect(plan).not.toMatch(/SCAN runs(;|$)/);
  });

  test.each([[`WorkflowId = 'a'`], [`RunId = 'a'`], [`Colour = 'red'`]])(
    '%s finds its few rows by an index',
    (query) => {
      expect(planOf(query, goesOn)).toMatch(/SEARCH runs USING (INDEX|INTEGER PRIMARY KEY)/);
    },
  );
});
