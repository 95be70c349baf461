import { invalidArgument } from '../protocol/errors.js';
import { ownFields, type Fields, type Payload } from '../protocol/messages.js';

export const SEARCH_ATTRIBUTE_TYPES = ['Text', 'Keyword', 'Int', 'Double', 'Bool', 'Datetime', 'KeywordList'] as const;
export type SearchAttributeType = (typeof SEARCH_ATTRIBUTE_TYPES)[number];

/** A map: in an object, a caller's name such as `constructor` would find what every object has. */
const PREDEFINED: ReadonlyMap<string, SearchAttributeType> = new Map([
  ['BatcherUser', 'Keyword'],
  ['BuildIds', 'KeywordList'],
  ['TemporalChangeVersion', 'KeywordList'],
  ['TemporalReportedProblems', 'KeywordList'],
  ['TemporalScheduledById', 'Keyword'],
  ['TemporalScheduledStartTime', 'Datetime'],
]);

const MOST_CUSTOM = 100;
const EMPTY = new Uint8Array();

export type SearchValue = string | number;

const bytesOf = ({ data, metadata }: Payload): number =>
  Object.entries(metadata ?? {}).reduce((sum, [key, value]) => sum + key.length + value.length, data?.length ?? 0);

/** Which search attributes exist and of what type: the value alone does not tell. */
export class SearchAttributeTypes {
  readonly #custom = new Map<string, SearchAttributeType>();

  constructor(custom: Readonly<Record<string, SearchAttributeType>> = {}) {
    for (const [name, type] of Object.entries(custom)) this.register(name, type);
  }

  register(name: string, type: SearchAttributeType): void {
    if (!/^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(name)) throw invalidArgument(`not a search attribute name: ${name}`);
    const known = this.typeOf(name);
    if (known && known !== type) throw invalidArgument(`search attribute ${name} exists with type ${known}`);
    if (!known && this.#custom.size >= MOST_CUSTOM) throw invalidArgument('too many search attributes');
    if (!known) this.#custom.set(name, type);
  }

  typeOf(name: string): SearchAttributeType | undefined {
    return this.#custom.get(name) ?? PREDEFINED.get(name);
  }

  custom(): Record<string, SearchAttributeType> {
    return Object.fromEntries(this.#custom);
  }

  predefined(): Record<string, SearchAttributeType> {
    return Object.fromEntries(PREDEFINED);
  }

  /** Checked copies that carry their type, as readers expect it. */
  typed(fields: Fields | null | undefined, limitBytes: number): Fields {
    const typed: Fields = {};
    let bytes = 0;
    for (const [name, payload] of Object.entries(fields ?? {})) {
      const type = this.typeOf(name);
      if (!type) throw invalidArgument(`Namespace default has no mapping defined for search attribute ${name}`);
      searchValues(name, type, payload);
      bytes += name.length + bytesOf(payload);
      typed[name] = { metadata: { ...payload.metadata, type: Buffer.from(type) }, data: payload.data ?? EMPTY };
    }
    if (bytes > limitBytes) throw invalidArgument(`search attributes exceed the limit of ${limitBytes} bytes`);
    return ownFields(typed);
  }
}

const ACCEPTS: Readonly<Record<SearchAttributeType, (value: unknown) => boolean>> = {
  Text: (value) => typeof value === 'string',
  Keyword: (value) => typeof value === 'string',
  KeywordList: (value) => typeof value === 'string',
  Int: (value) => Number.isInteger(value),
  Double: (value) => typeof value === 'number',
  Bool: (value) => typeof value === 'boolean',
  Datetime: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
};

/** What is indexed: text and numbers; a moment as milliseconds, a boolean as 0 or 1. */
const toIndex = (type: SearchAttributeType, value: unknown): SearchValue =>
  type === 'Datetime' ? Date.parse(value as string) : type === 'Bool' ? Number(value) : (value as SearchValue);

/** The values of one attribute; an empty list when it is unset (null or an empty list). */
export function searchValues(name: string, type: SearchAttributeType, payload: Payload): SearchValue[] {
  if (!payload.data?.length) return [];
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(payload.data).toString('utf8'));
  } catch {
    throw invalidArgument(`invalid value for search attribute ${name} of type ${type}`);
  }
  if (value === null) return [];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (!list.every(ACCEPTS[type]) || (list.length > 1 && type !== 'KeywordList')) {
    throw invalidArgument(`invalid value for search attribute ${name} of type ${type}`);
  }
  return [...new Set(list.map((item) => toIndex(type, item)))];
}

const isUnset = (payload: Payload): boolean => {
  const text = Buffer.from(payload.data ?? []).toString('utf8');
  return text === '' || text === 'null' || text === '[]';
};

/** An upsert replaces what it names and keeps the rest; an empty value removes. */
export function mergeFields(into: Fields, changes: Fields | null | undefined): Fields {
  const merged = new Map(Object.entries(into));
  for (const [name, payload] of Object.entries(changes ?? {})) {
    if (isUnset(payload)) merged.delete(name);
    else merged.set(name, payload);
  }
  // Unlike an assignment, this also makes a field of the name `__proto__`.
  return Object.fromEntries(merged);
}
