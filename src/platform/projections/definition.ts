import type { CreateTableBuilder, Kysely, Transaction } from 'kysely';
import type { Direct } from '../sql/prepared.js';
import type { Recorded } from '../event-store/recorded.js';

/** Every read model describes its own tables; what is common to all is here. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each query names its own table type
export type AnyTables = any;

export type TableName = (table: string) => string;

/** The tables of one generation of a read model, within the transaction that also moves its checkpoint. */
export type Rows = Readonly<{ db: Transaction<AnyTables>; table: TableName; direct?: Direct | null }>;

export type ProjectionDefinition = Readonly<{
  name: string;
  /** Raised when the shape or the meaning of the rows changes; the rows are then built anew. */
  version: number;
  typePrefixes: readonly string[];
  tables: Readonly<Record<string, (table: CreateTableBuilder<string, never>) => CreateTableBuilder<string, string>>>;
  indexes?: readonly Readonly<{ table: string; columns: readonly string[]; unique?: boolean }>[];
  apply: (event: Recorded, rows: Rows) => Promise<void>;
}>;

/** What queries need: the connection for readers and the tables that are live now. */
export type LiveRows = Readonly<{ db: Kysely<AnyTables>; table: TableName; direct?: Direct | null }>;

export const prefixOf = (name: string, generation: number): string => `${name.replaceAll('-', '_')}_g${generation}_`;
