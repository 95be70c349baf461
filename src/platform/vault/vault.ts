import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { Decided } from '../commands/sender.js';
import { migrate, type Step } from '../sql/migrations.js';
import type { Keyring } from './keyring.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ROTATE_BATCH = 200;

export type VaultTables = {
  vault_entries: { entry_id: string; purpose: string; key_id: string; sealed: string; created_at: string };
  vault_key_ring: { id: number; mark: string };
};

export class WrongKeyring extends Error {
  override readonly name = 'WrongKeyring';
  constructor() {
    super(
      'the key ring is not the one that the stored secrets are sealed with; every process needs the same, by KEYRING_FILE or KEYRING_COMMAND',
    );
  }
}

const STEPS: readonly Step[] = [
  {
    kind: 'expand',
    up: async (tx) => {
      await tx.schema
        .createTable('vault_entries')
        // There already where the tables are older than the record of their version.
        .ifNotExists()
        .addColumn('entry_id', 'text', (c) => c.primaryKey())
        .addColumn('purpose', 'text', (c) => c.notNull())
        .addColumn('key_id', 'text', (c) => c.notNull())
        .addColumn('sealed', 'text', (c) => c.notNull())
        .addColumn('created_at', 'text', (c) => c.notNull())
        .execute();
      await tx.schema
        .createTable('vault_key_ring')
        .addColumn('id', 'integer', (c) => c.primaryKey())
        .addColumn('mark', 'text', (c) => c.notNull())
        .execute();
      await tx.schema.createIndex('vault_entries_by_key').ifNotExists().on('vault_entries').column('key_id').execute();
    },
  },
  {
    kind: 'expand',
    up: async (tx) => {
      const index = tx.schema.createIndex('vault_entries_by_purpose').ifNotExists().on('vault_entries');
      await index.columns(['purpose', 'created_at']).execute();
    },
  },
];

/**
 * Everything secret that must be kept. An entry is bound to its id and purpose, so that a row moved to
 * another place does not open there.
 */
export class Vault {
  constructor(
    private readonly db: Kysely<VaultTables>,
    private readonly keyring: Keyring,
  ) {}

  /** True where a key ring has been used, so that another one would be wrong. */
  static async hasKeyring(db: Kysely<VaultTables>): Promise<boolean> {
    await migrate(db, 'vault', STEPS);
    return (await db.selectFrom('vault_key_ring').select('id').executeTakeFirst()) !== undefined;
  }

  async prepare(): Promise<void> {
    await migrate(this.db, 'vault', STEPS);
    await this.assertRightKeys();
  }

  /**
   * With another key ring new secrets would be sealed beside old ones that nobody can open any more, and every link and
   * digest would come out different. The mark of the first key ring stays with what it sealed.
   */
  private async assertRightKeys(): Promise<void> {
    const { mark } = this.keyring;
    await this.db
      .insertInto('vault_key_ring')
      .values({ id: 1, mark })
      .onConflict((c) => c.doNothing())
      .execute();
    const kept = await this.db.selectFrom('vault_key_ring').select('mark').executeTakeFirstOrThrow();
    const sealedWith = await this.db.selectFrom('vault_entries').select('key_id').distinct().execute();
    if (kept.mark !== mark || sealedWith.some(({ key_id }) => !this.keyring.has(key_id))) throw new WrongKeyring();
  }

  /** Putting the same id again changes nothing: the first content stands, as with any repeated command. */
  async put(entryId: string, purpose: string, secret: Buffer, now: Date): Promise<void> {
    await this.add(entryId, purpose, secret, now);
  }

  /** As `put`, but says whether the id was free. */
  async add(entryId: string, purpose: string, secret: Buffer, now: Date): Promise<boolean> {
    const { keyId, sealed } = this.seal(entryId, purpose, secret);
    const insert = this.db
      .insertInto('vault_entries')
      .values({ entry_id: entryId, purpose, key_id: keyId, sealed, created_at: now.toISOString() })
      .onConflict((c) => c.doNothing());
    return (await insert.executeTakeFirst()).numInsertedOrUpdatedRows === 1n;
  }

  /** Another content, for another purpose, under the same id. False where the entry is gone or serves something else. */
  async replace(entryId: string, from: string, purpose: string, secret: Buffer): Promise<boolean> {
    const { keyId, sealed } = this.seal(entryId, purpose, secret);
    const update = this.db.updateTable('vault_entries').set({ purpose, key_id: keyId, sealed });
    const changed = await update.where('entry_id', '=', entryId).where('purpose', '=', from).executeTakeFirst();
    return changed.numUpdatedRows === 1n;
  }

  /** The ids of what serves the purpose; where a moment is given, only of what was put there before it. */
  async idsOf(purpose: string, before?: Date): Promise<readonly string[]> {
    const rows = this.db.selectFrom('vault_entries').select('entry_id').where('purpose', '=', purpose);
    const wanted = before ? rows.where('created_at', '<', before.toISOString()) : rows;
    return (await wanted.execute()).map(({ entry_id }) => entry_id);
  }

  /**
   * Keeps a secret for a command that will name it, and lets it go again if the command is refused, or was carried out
   * before and what it kept then has been forgotten since.
   */
  async putFor(
    entryId: string,
    purpose: string,
    secret: Buffer,
    now: Date,
    send: () => Promise<Decided>,
  ): Promise<Decided> {
    const added = await this.add(entryId, purpose, secret, now);
    const decided = await send();
    // An id used for something else names the secret of the command that came first.
    const refused = decided.refusal && decided.refusal.code !== 'IDEMPOTENCY_KEY_REUSED';
    if (refused || (decided.repeated && added)) await this.delete(entryId);
    return decided;
  }

  async get(entryId: string, purpose: string): Promise<Buffer | null> {
    const row = await this.db
      .selectFrom('vault_entries')
      .selectAll()
      .where('entry_id', '=', entryId)
      .executeTakeFirst();
    return row ? this.open(entryId, purpose, row.key_id, row.sealed) : null;
  }

  /** Every entry whose id begins so, but for one that is spared. */
  async deleteAll(idPrefix: string, sparedId: string | null = null): Promise<void> {
    const pattern = `${idPrefix.replace(/[\\%_]/g, '\\$&')}%`;
    const matching = sql<boolean>`entry_id like ${pattern} escape '\\'`;
    const entries = this.db.deleteFrom('vault_entries').where(matching);
    await (sparedId === null ? entries : entries.where('entry_id', '!=', sparedId)).execute();
  }

  /** What was kept for a time only. */
  async deleteOlder(purpose: string, than: Date): Promise<void> {
    const entries = this.db.deleteFrom('vault_entries').where('purpose', '=', purpose);
    await entries.where('created_at', '<=', than.toISOString()).execute();
  }

  /** When the oldest of what serves the purpose was put here. */
  async oldestOf(purpose: string): Promise<Date | null> {
    const entries = this.db.selectFrom('vault_entries').select('created_at').where('purpose', '=', purpose);
    const oldest = await entries.orderBy('created_at').limit(1).executeTakeFirst();
    return oldest ? new Date(oldest.created_at) : null;
  }

  async delete(entryId: string): Promise<void> {
    await this.db.deleteFrom('vault_entries').where('entry_id', '=', entryId).execute();
  }

  /** Seals again, under the current key, what an older one sealed. Answers how many entries there were. */
  async reseal(): Promise<number> {
    for (let resealed = 0; ;) {
      const old = this.db.selectFrom('vault_entries').selectAll().where('key_id', '!=', this.keyring.currentId);
      const rows = await old.limit(ROTATE_BATCH).execute();
      if (rows.length === 0) return resealed;
      for (const { entry_id, purpose, key_id, sealed } of rows) {
        const again = this.seal(entry_id, purpose, this.open(entry_id, purpose, key_id, sealed));
        const set = { key_id: again.keyId, sealed: again.sealed };
        // What was replaced meanwhile is sealed under the current key already, and must not be put back.
        const row = this.db.updateTable('vault_entries').set(set).where('entry_id', '=', entry_id);
        await row.where('sealed', '=', sealed).execute();
      }
      resealed += rows.length;
    }
  }

  private seal(entryId: string, purpose: string, secret: Buffer): { keyId: string; sealed: string } {
    const keyId = this.keyring.currentId;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.keyring.keyOf(keyId), nonce).setAAD(
      boundTo(entryId, purpose, keyId),
    );
    const sealed = Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
    return { keyId, sealed: sealed.toString('base64') };
  }

  private open(entryId: string, purpose: string, keyId: string, sealed: string): Buffer {
    const bytes = Buffer.from(sealed, 'base64');
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', this.keyring.keyOf(keyId), nonce, { authTagLength: TAG_BYTES })
      .setAAD(boundTo(entryId, purpose, keyId))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  }
}

const boundTo = (...names: readonly string[]): Buffer => Buffer.from(JSON.stringify(names));
