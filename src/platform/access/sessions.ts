import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Kysely } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../kernel/clock.js';
import type { Database } from '../sql/database.js';
import { migrate, type Step } from '../sql/migrations.js';
import { type Place, prepared } from '../sql/prepared.js';
import type { Keyring } from '../vault/keyring.js';

export type SessionKind = 'user' | 'backOffice' | 'auditor';

/** Who is behind a request. `role` is what the service calls the account (management, user, staff). */
export type Session = Readonly<{
  accountId: string;
  kind: SessionKind;
  service: string;
  tenant: string;
  /** What the account logs in with. */
  loginId: string;
  /** Who the account belongs to; the login ID again where nobody said. */
  name: string;
  role: string;
  /** The credential that proved it; the session ends when that loses its force. */
  credentialId: string;
}>;

type Row = {
  token_hash: string;
  account_id: string;
  kind: SessionKind;
  service: string;
  tenant: string;
  /** The login ID; the name of the column is older than the one below, and processes of before read it so. */
  name: string;
  person_name: string | null;
  role: string;
  credential_id: string;
  seen_at_ms: number;
  started_at_ms: number;
};
type Successor = { token_hash: string; credential_id: string; role: string };
export type SessionTables = { sessions: Row; session_successors: Successor };

const STEPS: readonly Step[] = [
  {
    kind: 'expand',
    up: async (tx) => {
      const text = ['account_id', 'kind', 'service', 'tenant', 'name', 'role', 'credential_id'];
      let table = tx.schema
        .createTable('sessions')
        .ifNotExists()
        .addColumn('token_hash', 'text', (c) => c.primaryKey());
      for (const column of text) table = table.addColumn(column, 'text', (c) => c.notNull());
      await table.addColumn('seen_at_ms', 'bigint', (c) => c.notNull()).execute();
      const index = tx.schema.createIndex('sessions_by_credential').ifNotExists().on('sessions');
      await index.column('credential_id').execute();
    },
  },
  {
    kind: 'expand',
    up: async (tx) => {
      await tx.schema
        .createTable('session_successors')
        .ifNotExists()
        .addColumn('token_hash', 'text', (c) => c.primaryKey())
        .addColumn('credential_id', 'text', (c) => c.notNull())
        .addColumn('role', 'text', (c) => c.notNull())
        .execute();
    },
  },
  {
    kind: 'expand',
    up: async (tx) => {
      // Those of before are taken for old ones.
      const table = tx.schema.alterTable('sessions');
      await table.addColumn('started_at_ms', 'bigint', (c) => c.notNull().defaultTo(0)).execute();
      await tx.schema.createIndex('sessions_by_account').ifNotExists().on('sessions').column('account_id').execute();
    },
  },
  {
    kind: 'expand',
    up: (tx) => tx.schema.alterTable('sessions').addColumn('person_name', 'text').execute(),
  },
];

const TOKEN_BYTES = 32;
const TOUCH_EVERY_MS = 30_000;
/** A login that was under way at a moment may show its session only some time later. */
const SAME_MOMENT_MS = 60_000;
const STARTED_AT = /^([0-9a-z]{1,10})\./;
const CSRF_REMEMBERED_MAX = 10_000;
const DEVICE = /^([0-9a-f]{32})\.([0-9a-f]{64})$/;

const hashOf = (token: string): string => hash('sha256', token);

/** Asked for by every request. */
const sessionOf = prepared(({ db }: Place, tokenHash: string) =>
  (db as Kysely<SessionTables>).selectFrom('sessions').selectAll().where('token_hash', '=', tokenHash),
);

const equal = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** Sessions are no events: they are held in a table that every process of the service shares. */
export class Sessions {
  private readonly db: Kysely<SessionTables>;
  private readonly reader: Place;
  /** Derived for every change; by the hash of its session's token, so that no token is kept. */
  private readonly csrfTokens = new LRUCache<string, string>({ max: CSRF_REMEMBERED_MAX });

  constructor(
    database: Database<SessionTables>,
    private readonly keyring: Keyring,
    private readonly clock: Clock,
    private readonly idleMs: number,
    /** However busy it is: a browser that was left open somewhere, or a copied cookie, is out at last. */
    private readonly lifeMs: number,
  ) {
    this.db = database.write;
    this.reader = { db: database.read, table: (name) => name, direct: database.direct?.read ?? null };
  }

  prepare(): Promise<void> {
    return migrate(this.db, 'sessions', STEPS);
  }

  /** Answers the token; only its hash is kept. */
  async start({ accountId, credentialId, loginId, name, ...session }: Session): Promise<string> {
    // The moment is part of what is hashed, so nobody can make a session younger.
    const token = `${this.now().toString(36)}.${randomBytes(TOKEN_BYTES).toString('base64url')}`;
    const row = {
      token_hash: hashOf(token),
      account_id: accountId,
      credential_id: credentialId,
      ...session,
      name: loginId,
      person_name: name,
      seen_at_ms: this.now(),
      started_at_ms: this.now(),
    };
    await this.db
      .deleteFrom('sessions')
      .where('seen_at_ms', '<', this.now() - this.idleMs)
      .execute();
    const live = this.db.selectFrom('sessions').select('token_hash');
    await this.db.deleteFrom('session_successors').where('token_hash', 'not in', live).execute();
    await this.db.insertInto('sessions').values(row).execute();
    return token;
  }

  /** Asked by every request, so without a promise where there is nothing to wait for. */
  find(token: string): Session | null | Promise<Session | null> {
    if (!this.isInItsLife(token)) return null;
    const rows = sessionOf.soon(this.reader, hashOf(token));
    return Array.isArray(rows) ? this.inForce(rows[0]) : rows.then(([row]) => this.inForce(row));
  }

  private inForce(row: Row | undefined): Session | null | Promise<Session> {
    const now = this.now();
    if (!row || now - row.seen_at_ms >= this.idleMs) return null;
    const { account_id: accountId, credential_id: credentialId, kind, service, tenant, name: loginId, role } = row;
    const session = { accountId, credentialId, kind, service, tenant, loginId, name: row.person_name ?? loginId, role };
    const isSeenLately = now - row.seen_at_ms <= Math.min(TOUCH_EVERY_MS, this.idleMs / 2);
    return isSeenLately ? session : this.touch(row.token_hash, now).then(() => session);
  }

  private async touch(tokenHash: string, now: number): Promise<void> {
    await this.db.updateTable('sessions').set({ seen_at_ms: now }).where('token_hash', '=', tokenHash).execute();
  }

  /** Those still in force; looking on is no sign of life, so it does not prolong them. */
  async alive(tokens: readonly string[]): Promise<ReadonlySet<string>> {
    const inTheirLife = tokens.filter((token) => this.isInItsLife(token));
    if (inTheirLife.length === 0) return new Set();
    const byHash = new Map(inTheirLife.map((token) => [hashOf(token), token]));
    const rows = (this.reader.db as Kysely<SessionTables>).selectFrom('sessions').select('token_hash');
    const alive = await rows
      .where('token_hash', 'in', [...byHash.keys()])
      .where('seen_at_ms', '>', this.now() - this.idleMs)
      .execute();
    return new Set(alive.map(({ token_hash }) => byHash.get(token_hash)!));
  }

  async end(token: string): Promise<void> {
    await this.db.deleteFrom('sessions').where('token_hash', '=', hashOf(token)).execute();
  }

  /**
   * Out at once, everywhere: whoever logged in with a credential that has lost its force. Only the session in
   * which somebody put the `successor` in its place goes over to that one.
   */
  async endProvenBy(credentialId: string, successor?: string): Promise<void> {
    if (successor !== undefined) await this.goOver(credentialId, successor);
    await this.db.deleteFrom('sessions').where('credential_id', '=', credentialId).execute();
  }

  /**
   * Said before the change counts, so that whoever ends the old credential's sessions first spares this one.
   * It stands on the old credential until then: a change that never counts leaves it as it was.
   */
  async willGoOver(token: string, successor: string, role: string): Promise<void> {
    const row = { token_hash: hashOf(token), credential_id: successor, role };
    const { token_hash, ...set } = row;
    const insert = this.db.insertInto('session_successors').values({ token_hash, ...set });
    await insert.onConflict((c) => c.column('token_hash').doUpdateSet(set)).execute();
  }

  private async goOver(credentialId: string, successor: string): Promise<void> {
    const announced = this.db.selectFrom('session_successors').selectAll().where('credential_id', '=', successor);
    for (const { token_hash, role } of await announced.execute()) {
      const change = this.db.updateTable('sessions').set({ credential_id: successor, role });
      await change.where('token_hash', '=', token_hash).where('credential_id', '=', credentialId).execute();
    }
  }

  /**
   * Out at once, everywhere: an account that was locked or deleted, or whose rights or password were changed by somebody
   * else. Whoever hears of that late names what it has nothing to do with: sessions that came after it, or that stand on
   * the credential that was given then.
   */
  async endOf(accountId: string, spared: Readonly<{ after?: Date; credentialId?: string }> = {}): Promise<void> {
    let ended = this.db.deleteFrom('sessions').where('account_id', '=', accountId);
    const { after, credentialId } = spared;
    if (after !== undefined) ended = ended.where('started_at_ms', '<=', after.getTime() + SAME_MOMENT_MS);
    if (credentialId !== undefined) ended = ended.where('credential_id', '!=', credentialId);
    await ended.execute();
  }

  /** From now on this is what the account's owner is called. */
  async rename(accountId: string, name: string): Promise<void> {
    await this.db.updateTable('sessions').set({ person_name: name }).where('account_id', '=', accountId).execute();
  }

  /** What a form must send along, so that another site cannot act with the browser's cookie. */
  csrfTokenOf(token: string): string {
    const tokenHash = hashOf(token);
    const known = this.csrfTokens.get(tokenHash);
    if (known !== undefined) return known;
    const made = this.keyring.derive('csrf', tokenHash).toString('hex');
    this.csrfTokens.set(tokenHash, made);
    return made;
  }

  isCsrfToken(token: string, given: string): boolean {
    return equal(this.csrfTokenOf(token), given);
  }

  /** The mark of a browser that has logged in as this account before. */
  deviceMark(accessId: string, device: string = randomBytes(16).toString('hex')): string {
    return `${device}.${this.keyring.derive('device', accessId, device).toString('hex')}`;
  }

  deviceOf(accessId: string, mark: string | undefined): string | null {
    const [, device, proof] = DEVICE.exec(mark ?? '') ?? [];
    if (device === undefined || proof === undefined) return null;
    return equal(this.keyring.derive('device', accessId, device).toString('hex'), proof) ? device : null;
  }

  private isInItsLife(token: string): boolean {
    const [, startedAt] = STARTED_AT.exec(token) ?? [];
    return startedAt !== undefined && this.now() - Number.parseInt(startedAt, 36) < this.lifeMs;
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}
