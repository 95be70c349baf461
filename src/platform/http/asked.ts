import { type FieldError, invalid } from '../../kernel/refusal.js';
import { Refused } from './refused.js';

/** A query string as it came: a name that was given twice is a list. */
export type Given = Readonly<Record<string, unknown>>;

type Defined<T> = { readonly [Name in keyof T]?: Exclude<T[Name], undefined> };

const MOMENT = /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/;

/** What a list is asked for. Every fault is collected, so that all of them are told at once. */
export class Asked {
  private readonly given: Given;
  private readonly faults: FieldError[];

  constructor(given: Given, known: readonly string[]) {
    this.given = given;
    this.faults = Object.keys(given)
      .filter((name) => !known.includes(name))
      .map((field) => ({ field, rule: 'unknownField' }));
  }

  text(field: string): string | undefined {
    const value = this.given[field];
    if (value === undefined || typeof value === 'string') return value;
    this.faults.push({ field, rule: 'type' });
    return undefined;
  }

  oneOf<Value extends string>(field: string, values: readonly Value[]): Value | undefined {
    const value = this.text(field);
    const known = values.find((one) => one === value);
    if (value !== undefined && known === undefined)
      this.faults.push({ field, rule: 'oneOf', params: { values: values.join(', ') } });
    return known;
  }

  /** As people and programs write it; stored times are UTC in one shape, so they compare as text. */
  moment(field: string): string | undefined {
    const value = this.text(field);
    if (value === undefined) return undefined;
    const moment = new Date(value);
    if (!Number.isNaN(moment.getTime()) && MOMENT.test(value)) return moment.toISOString();
    this.faults.push({ field, rule: 'format', params: { format: '2026-07-01T00:00:00+09:00' } });
    return undefined;
  }

  /** The filters that were given, once nothing was wrong with any of them. */
  filters<T extends object>(read: T): Defined<T> {
    if (this.faults.length > 0) throw new Refused(invalid(this.faults));
    return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined)) as Defined<T>;
  }
}
