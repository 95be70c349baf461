import type { Kysely } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { CrlShelf, PublishedCrl } from '../../pki/revocation/publish-crl.js';
import type { Database } from '../sql/database.js';
import { migrate, type Step } from '../sql/migrations.js';

type Row = { list_name: string; number: number; this_update: string; next_update: string; der: string };
export type ShelfTables = { revocation_lists: Row };

const STEPS: readonly Step[] = [
  {
    kind: 'expand',
    up: async (tx) => {
      await tx.schema
        .createTable('revocation_lists')
        .ifNotExists()
        .addColumn('list_name', 'text', (c) => c.primaryKey())
        .addColumn('number', 'bigint', (c) => c.notNull())
        .addColumn('this_update', 'text', (c) => c.notNull())
        .addColumn('next_update', 'text', (c) => c.notNull())
        .addColumn('der', 'text', (c) => c.notNull())
        .execute();
    },
  },
];

/** Two large lists, or all of the small ones there will ever be. */
const REMEMBERED_BYTES_MAX = 16 * 1024 * 1024;

/** The newest list of each name, for every process to hand out. */
export class SqlCrlShelf implements CrlShelf {
  private readonly db: Kysely<ShelfTables>;
  /** Lists are megabytes: those that have been read are read again only when another took their place. */
  private readonly remembered = new LRUCache<string, PublishedCrl>({
    maxSize: REMEMBERED_BYTES_MAX,
    sizeCalculation: ({ der }) => der.length + 1,
  });

  constructor({ write }: Database<ShelfTables>) {
    this.db = write;
  }

  prepare(): Promise<void> {
    return migrate(this.db, 'revocation-lists', STEPS);
  }

  async latest(listName: string): Promise<PublishedCrl | undefined> {
    const known = this.remembered.get(listName);
    if (known !== undefined && (await this.numberOf(listName)) === known.number) return known;
    const row = await this.db
      .selectFrom('revocation_lists')
      .selectAll()
      .where('list_name', '=', listName)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const read: PublishedCrl = {
      listName,
      number: BigInt(row.number),
      thisUpdate: new Date(row.this_update),
      nextUpdate: new Date(row.next_update),
      der: Buffer.from(row.der, 'base64'),
    };
    this.remembered.set(listName, read);
    return read;
  }

  private async numberOf(listName: string): Promise<bigint | undefined> {
    const row = await this.db
      .selectFrom('revocation_lists')
      .select('number')
      .where('list_name', '=', listName)
      .executeTakeFirst();
    return row && BigInt(row.number);
  }

  async put({ listName, number, thisUpdate, nextUpdate, der }: PublishedCrl): Promise<boolean> {
    const row = {
      number: Number(number),
      this_update: thisUpdate.toISOString(),
      next_update: nextUpdate.toISOString(),
      der: der.toString('base64'),
    };
    const { numInsertedOrUpdatedRows } = await this.db
      .insertInto('revocation_lists')
      .values({ list_name: listName, ...row })
      .onConflict((c) => c.column('list_name').doUpdateSet(row).where('revocation_lists.number', '<', row.number))
      .executeTakeFirst();
    return numInsertedOrUpdatedRows === 1n;
  }
}
