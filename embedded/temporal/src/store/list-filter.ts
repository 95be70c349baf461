import { invalidArgument } from '../protocol/errors.js';
import type { SearchAttributeType, SearchAttributeTypes, SearchValue } from '../engine/search-attributes.js';

/** The part of a WHERE clause that a list filter means, with its parameters. */
export interface CompiledFilter {
  readonly sql: string;
  readonly parameters: readonly SearchValue[];
  readonly groupByStatus: boolean;
}

interface Field {
  readonly column?: string;
  readonly type: SearchAttributeType | 'Status';
}

const COLUMNS: Readonly<Record<string, Field>> = {
  WorkflowId: { column: 'workflow_id', type: 'Keyword' },
  RunId: { column: 'run_id', type: 'Keyword' },
  WorkflowType: { column: 'workflow_type', type: 'Keyword' },
  TaskQueue: { column: 'task_queue', type: 'Keyword' },
  ExecutionStatus: { column: 'status', type: 'Status' },
  StartTime: { column: 'start_ms', type: 'Datetime' },
  ExecutionTime: { column: 'execution_ms', type: 'Datetime' },
  CloseTime: { column: 'close_ms', type: 'Datetime' },
  HistoryLength: { column: 'history_length', type: 'Int' },
  HistorySizeBytes: { column: 'history_bytes', type: 'Int' },
};

const STATUSES = [
  '',
  'Running',
  'Completed',
  'Failed',
  'Canceled',
  'Terminated',
  'ContinuedAsNew',
  'TimedOut',
] as const;

export const statusName = (status: number): string => STATUSES[status] ?? '';

const MOST_TERMS = 200;
const DEEPEST = 20;
const TOKEN =
  /\s*(?:([A-Za-z_][\w.-]*)|`([^`]+)`|('(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?)|(<=|>=|!=|<>|[=<>(),]))/y;

interface Token {
  readonly kind: 'word' | 'name' | 'text' | 'number' | 'sign';
  readonly value: string;
}

function tokenize(query: string): Token[] {
  const tokens: Token[] = [];
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < query.trimEnd().length;) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(query);
    if (!match) throw invalidArgument(`invalid query: cannot read from "${query.slice(at, at + 20)}"`);
    const [, word, name, text, number, sign] = match;
    if (word !== undefined) tokens.push({ kind: 'word', value: word });
    else if (name !== undefined) tokens.push({ kind: 'name', value: name });
    else if (text !== undefined) tokens.push({ kind: 'text', value: unquote(text) });
    else if (number !== undefined) tokens.push({ kind: 'number', value: number });
    else tokens.push({ kind: 'sign', value: sign ?? '' });
  }
  return tokens;
}

const unquote = (text: string): string =>
  text.slice(1, -1).replace(/\\(.)|''/g, (_, escaped?: string) => escaped ?? "'");

/** A recursive-descent compiler from the list filter language to SQL. Values never become part of the SQL text. */
class FilterCompiler {
  readonly #tokens: readonly Token[];
  readonly #types: SearchAttributeTypes;
  readonly parameters: SearchValue[] = [];
  #next = 0;
  #terms = 0;

  constructor(tokens: readonly Token[], types: SearchAttributeTypes) {
    this.#tokens = tokens;
    this.#types = types;
  }

  get done(): boolean {
    return this.#next >= this.#tokens.length;
  }

  #peekWord(): string {
    const token = this.#tokens[this.#next];
    return token && token.kind !== 'text' ? token.value.toUpperCase() : '';
  }

  #take(): Token {
    const token = this.#tokens[this.#next++];
    if (!token) throw invalidArgument('invalid query: it ends too early');
    return token;
  }

  takeIf(word: string): boolean {
    if (this.#peekWord() !== word) return false;
    this.#next++;
    return true;
  }

  #expect(word: string): void {
    if (!this.takeIf(word)) throw invalidArgument(`invalid query: expected ${word}`);
  }

  disjunction(depth = 0): string {
    if (depth > DEEPEST) throw invalidArgument('invalid query: nested too deeply');
    const terms = [this.#conjunction(depth)];
    while (this.takeIf('OR')) terms.push(this.#conjunction(depth));
    return terms.length === 1 ? (terms[0] ?? '') : `(${terms.join(' OR ')})`;
  }

  #conjunction(depth: number): string {
    const terms = [this.#term(depth)];
    while (this.takeIf('AND')) terms.push(this.#term(depth));
    return terms.length === 1 ? (terms[0] ?? '') : `(${terms.join(' AND ')})`;
  }

  #term(depth: number): string {
    if (++this.#terms > MOST_TERMS) throw invalidArgument('invalid query: too many terms');
    if (this.takeIf('NOT')) return `NOT ${this.#term(depth + 1)}`;
    if (!this.takeIf('(')) return this.#comparison();
    const inner = this.disjunction(depth + 1);
    this.#expect(')');
    return `(${inner})`;
  }

  #comparison(): string {
    const token = this.#take();
    if (token.kind !== 'word' && token.kind !== 'name') throw invalidArgument('invalid query: expected a name');
    const field = this.#field(token.value);
    const condition = this.#condition(field);
    if (field.column) return condition(field.column);
    const negative = condition.negative ?? false;
    this.parameters.splice(this.parameters.length - condition.count, 0, token.value);
    const inner = `SELECT run FROM search_attributes WHERE name = ?${condition.matchAll ? '' : ` AND ${condition('value')}`}`;
    return `row ${negative ? 'NOT IN' : 'IN'} (${inner})`;
  }

  #field(name: string): Field {
    const column = Object.hasOwn(COLUMNS, name) ? COLUMNS[name] : undefined;
    const type = this.#types.typeOf(name);
    if (!column && !type) throw invalidArgument(`invalid query: column name '${name}' is not a valid search attribute`);
    return column ?? { type: type ?? 'Keyword' };
  }

  /** For attributes in their own table a negation means "has no such value", so it is put around the look-up. */
  #condition(field: Field): Condition {
    const own = field.column === undefined;
    const operator = this.#take().value.toUpperCase();
    if (operator === 'IS') {
      const present = this.takeIf('NOT');
      this.#expect('NULL');
      const sql = (column: string) => `${column} IS ${present ? 'NOT NULL' : 'NULL'}`;
      return Object.assign(sql, { count: 0, negative: !present, matchAll: true });
    }
    if (operator === 'BETWEEN') {
      this.parameters.push(this.#value(field));
      this.#expect('AND');
      this.parameters.push(this.#value(field));
      return Object.assign((column: string) => `${column} BETWEEN ? AND ?`, { count: 2 });
    }
    if (operator === 'IN' || operator === 'NOT') return this.#oneOf(field, operator === 'NOT', own);
    if (operator === 'STARTS_WITH') {
      // A range, so that an index can serve it.
      const prefix = String(this.#value(field));
      this.parameters.push(prefix, `${prefix}\u{10ffff}`);
      return Object.assign((column: string) => `${column} >= ? AND ${column} < ?`, { count: 2 });
    }
    if (!['=', '!=', '<>', '<', '<=', '>', '>='].includes(operator)) {
      throw invalidArgument(`invalid query: operator '${operator}' is not supported`);
    }
    const negative = operator === '!=' || operator === '<>';
    this.parameters.push(this.#value(field));
    return Object.assign((column: string) => `${column} ${negative && own ? '=' : operator} ?`, { count: 1, negative });
  }

  #oneOf(field: Field, negative: boolean, own: boolean): Condition {
    if (negative) this.#expect('IN');
    this.#expect('(');
    let count = 0;
    do {
      this.parameters.push(this.#value(field));
      count++;
    } while (this.takeIf(','));
    this.#expect(')');
    if (count > MOST_TERMS) throw invalidArgument('invalid query: too many values');
    const marks = Array.from({ length: count }, () => '?').join(', ');
    const word = negative && !own ? 'NOT IN' : 'IN';
    return Object.assign((column: string) => `${column} ${word} (${marks})`, { count, negative });
  }

  #value({ type }: Field): SearchValue {
    const { kind, value } = this.#take();
    if (type === 'Status') return statusValue(value);
    if (type === 'Datetime' && kind === 'text') return timeValue(value);
    if (type === 'Bool' && kind === 'word') return Number(value.toLowerCase() === 'true');
    if (kind === 'number')
      return type === 'Keyword' || type === 'Text' || type === 'KeywordList' ? value : Number(value);
    if (kind !== 'text') throw invalidArgument(`invalid query: expected a value but found ${value}`);
    return value;
  }
}

interface Condition {
  (column: string): string;
  readonly count: number;
  readonly negative?: boolean;
  readonly matchAll?: boolean;
}

function statusValue(name: string): number {
  const status = STATUSES.findIndex((known) => known !== '' && known.toLowerCase() === name.toLowerCase());
  if (status < 0) throw invalidArgument(`invalid query: invalid execution status: ${name}`);
  return status;
}

function timeValue(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw invalidArgument(`invalid query: not a time: ${text}`);
  return ms;
}

/** An empty filter means everything. `GROUP BY ExecutionStatus` is the one grouping there is. */
export function compileFilter(query: string, types: SearchAttributeTypes): CompiledFilter {
  const compiler = new FilterCompiler(tokenize(query), types);
  const startsWithGroup = /^\s*GROUP\s+BY\b/i.test(query);
  const sql = compiler.done || startsWithGroup ? '1' : compiler.disjunction();
  let groupByStatus = false;
  if (compiler.takeIf('GROUP')) {
    groupByStatus = compiler.takeIf('BY') && compiler.takeIf('EXECUTIONSTATUS');
    if (!groupByStatus) throw invalidArgument("invalid query: 'GROUP BY' clause is only supported for ExecutionStatus");
  }
  if (!compiler.done) throw invalidArgument('invalid query: there is more after its end');
  return { sql, parameters: compiler.parameters, groupByStatus };
}
