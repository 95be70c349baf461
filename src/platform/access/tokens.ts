import { createHash, randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Clock } from '../../kernel/clock.js';
import type { Database } from '../sql/database.js';
import type { Session, SessionKind } from './sessions.js';
import { migrate, type Step } from '../sql/migrations.js';

/** A token that is in force, the account whose right it carries, and how far. */
export type Program = Readonly<{
  tokenId: string;
  name: string;
  scopes: readonly string[];
  expiresAt: Date;
  owner: Omit<Session, 'credentialId'>;
}>;

type Row = {
  token_hash: string;
  token_id: string;
  name: string;
  scopes: string;
  account_id: string;
  kind: SessionKind;
  service: string;
  tenant: string;
  /** The login ID; see `sessions.name`. */
  owner_name: string;
  owner_person_name: string | null;
  role: string;
  expires_at_ms: number;
  used_at_ms: number | null;
};
export type TokenTables = { access_tokens: Row };

const TOKEN_BYTES = 32;
/** Lets people and scanners of leaked secrets tell what they have found. */
const PREFIX = 'shomei_';
const TOUCH_EVERY_MS = 30_000;

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** A new token: 256 random bits. */
export const newToken = (): string => PREFIX + randomBytes(TOKEN_BYTES).toString('base64url');
export const lastFourOf = (token: string): string => token.slice(-4);

const STEPS: readonly Step[] = [
  {
    kind: 'expand',
    up: async (tx) => {
      const text = ['name', 'scopes', 'account_id', 'kind', 'service', 'tenant', 'owner_name', 'role'];
      let table = tx.schema
        .createTable('access_tokens')
        .ifNotExists()
        .addColumn('token_hash', 'text', (c) => c.primaryKey())
        .addColumn('token_id', 'text', (c) => c.notNull().unique());
      for (const column of text) table = table.addColumn(column, 'text', (c) => c.notNull());
      await table
        .addColumn('expires_at_ms', 'bigint', (c) => c.notNull())
        .addColumn('used_at_ms', 'bigint')
        .execute();
      const owners = tx.schema.createIndex('access_tokens_by_owner').ifNotExists().on('access_tokens');
      await owners.column('account_id').execute();
    },
  },
  {
    kind: 'expand',
    up: (tx) => tx.schema.alterTable('access_tokens').addColumn('owner_person_name', 'text').execute(),
  },
];

/**
 * Tokens of client programs, shared by every process of the service. What was issued and revoked stands in the events;
 * here stands what a request is checked against, so a row that is gone lets nobody in from that moment.
 */
export class AccessTokens {
  private readonly db: Kysely<TokenTables>;
  private readonly reader: Kysely<TokenTables>;

  constructor(
    database: Database<TokenTables>,
    private readonly clock: Clock,
  ) {
    this.db = database.write;
    this.reader = database.read;
  }

  prepare(): Promise<void> {
    return migrate(this.db, 'access-tokens', STEPS);
  }

  /** False where this id has a token already: that one was shown then, and is not known any more. */
  async keep(token: string, { tokenId, name, scopes, expiresAt, owner }: Program): Promise<boolean> {
    const row = {
      token_hash: hashOf(token),
      token_id: tokenId,
      name,
      scopes: scopes.join(' '),
      account_id: owner.accountId,
      kind: owner.kind,
      service: owner.service,
      tenant: owner.tenant,
      owner_name: owner.loginId,
      owner_person_name: owner.name,
      role: owner.role,
      expires_at_ms: expiresAt.getTime(),
      used_at_ms: null,
    };
    const insert = this.db.insertInto('access_tokens').values(row);
    const { numInsertedOrUpdatedRows } = await insert.onConflict((c) => c.doNothing()).executeTakeFirstOrThrow();
    return Number(numInsertedOrUpdatedRows ?? 0) > 0;
  }

  async find(token: string): Promise<Program | null> {
    const token_hash = hashOf(token);
    const one = this.reader.selectFrom('access_tokens').selectAll().where('token_hash', '=', token_hash);
    const row = await one.executeTakeFirst();
    const now = this.now();
    if (!row || now >= row.expires_at_ms) return null;
    if (now - (row.used_at_ms ?? 0) > TOUCH_EVERY_MS)
      await this.db
        .updateTable('access_tokens')
        .set({ used_at_ms: now })
        .where('token_hash', '=', token_hash)
        .execute();
    return {
      tokenId: row.token_id,
      name: row.name,
      scopes: row.scopes.split(' '),
      expiresAt: new Date(row.expires_at_ms),
      owner: {
        accountId: row.account_id,
        kind: row.kind,
        service: row.service,
        tenant: row.tenant,
        loginId: row.owner_name,
        name: row.owner_person_name ?? row.owner_name,
        role: row.role,
      },
    };
  }

  /** Those still in force. */
  async alive(tokens: readonly string[]): Promise<ReadonlySet<string>> {
    const byHash = new Map(tokens.map((token) => [hashOf(token), token]));
    const rows = this.reader.selectFrom('access_tokens').select('token_hash');
    const alive = await rows
      .where('token_hash', 'in', [...byHash.keys()])
      .where('expires_at_ms', '>', this.now())
      .execute();
    return new Set(alive.map(({ token_hash }) => byHash.get(token_hash)!));
  }

  /** Out at once, in every process. */
  async end(tokenId: string): Promise<void> {
    await this.db.deleteFrom('access_tokens').where('token_id', '=', tokenId).execute();
  }

  async endOf(ownerId: string): Promise<void> {
    await this.db.deleteFrom('access_tokens').where('account_id', '=', ownerId).execute();
  }

  /** When each was last used, to half a minute; those never used are left out. */
  async lastUsed(tokenIds: readonly string[]): Promise<ReadonlyMap<string, Date>> {
    if (tokenIds.length === 0) return new Map();
    const rows = this.reader.selectFrom('access_tokens').select(['token_id', 'used_at_ms']);
    const used = await rows
      .where('token_id', 'in', [...tokenIds])
      .where('used_at_ms', 'is not', null)
      .execute();
    return new Map(used.map(({ token_id, used_at_ms }) => [token_id, new Date(used_at_ms!)]));
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}
