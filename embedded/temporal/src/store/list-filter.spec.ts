import { SearchAttributeTypes } from '../engine/search-attributes.js';
import { compileFilter } from './list-filter.js';

const types = new SearchAttributeTypes({
  Colour: 'Keyword',
  Size: 'Int',
  Tags: 'KeywordList',
  Since: 'Datetime',
  On: 'Bool',
});
const compile = (query: string) => compileFilter(query, types);

test.each([
  ['', '1', []],
  [`WorkflowType = 'a'`, 'workflow_type = ?', ['a']],
  ["`WorkflowType` = 'a'", 'workflow_type = ?', ['a']],
  [`ExecutionStatus = 'Running'`, 'status = ?', [1]],
  [`WorkflowId STARTS_WITH 'a'`, 'workflow_id >= ? AND workflow_id < ?', ['a', 'a\u{10ffff}']],
  [`StartTime >= '1970-01-01T00:00:01Z'`, 'start_ms >= ?', [1000]],
  [`CloseTime IS NOT NULL`, 'close_ms IS NOT NULL', []],
  [`Colour = 'red'`, 'row IN (SELECT run FROM search_attributes WHERE name = ? AND value = ?)', ['Colour', 'red']],
  [`Colour != 'red'`, 'row NOT IN (SELECT run FROM search_attributes WHERE name = ? AND value = ?)', ['Colour', 'red']],
  [`Colour IS NULL`, 'row NOT IN (SELECT run FROM search_attributes WHERE name = ?)', ['Colour']],
  [
    `Size BETWEEN 1 AND 2 OR NOT (RunId IN ('x', 'y') AND On = true)`,
    '(row IN (SELECT run FROM search_attributes WHERE name = ? AND value BETWEEN ? AND ?) OR NOT ((run_id IN (?, ?) AND row IN (SELECT run FROM search_attributes WHERE name = ? AND value = ?))))',
    ['Size', 1, 2, 'x', 'y', 'On', 1],
  ],
])('%s', (query, sql, parameters) => {
  expect(compile(query)).toEqual({ sql, parameters, groupByStatus: false });
});

test('grouping by status', () => {
  expect(compile('GROUP BY ExecutionStatus')).toMatchObject({ sql: '1', groupByStatus: true });
  expect(compile(`WorkflowType = 'a' GROUP BY ExecutionStatus`)).toMatchObject({ groupByStatus: true });
});

test('what a client writes never becomes part of the SQL', () => {
  const evil = `x'; DROP TABLE runs; --`;
  expect(compile(`WorkflowId = '${evil.replace("'", "\\'")}'`)).toEqual({
    sql: 'workflow_id = ?',
    parameters: [evil],
    groupByStatus: false,
  });
});

test.each([
  `WorkflowType`,
  `WorkflowType =`,
  `WorkflowType = 'a' AND`,
  `Unknown = 'a'`,
  `WorkflowType LIKE 'a'`,
  `WorkflowType = 'a' ORDER BY StartTime`,
  `GROUP BY WorkflowType`,
  `(WorkflowType = 'a'`,
  `WorkflowType = 'a')`,
  `StartTime > 'yesterday'`,
  `${'('.repeat(30)}WorkflowType = 'a'${')'.repeat(30)}`,
  `WorkflowType = 'a'${` OR WorkflowType = 'a'`.repeat(300)}`,
  `WorkflowType; 'a'`,
])('%.60s is refused', (query) => {
  expect(() => compile(query)).toThrow(/invalid query/);
});
