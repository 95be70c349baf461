import type { Kysely } from 'kysely';
import { type StaffEvent, staffEvents, type TokenEvent, tokenEvents } from '../../src/contexts/identity/messages.js';
import type { Recorded } from '../../src/platform/event-store/recorded.js';
import type { LiveRows, ProjectionDefinition } from '../../src/platform/projections/definition.js';

export type StaffRow = {
  staff_id: string;
  login_id: string;
  name: string;
  role: string;
  locked: number;
  /** 1 while the password in force is one that was given out. */
  initial_password: number;
  updated_at: string;
};
export type TokenRow = {
  token_id: string;
  service: string;
  tenant: string;
  name: string;
  scopes: string;
  owner_name: string;
  last_four: string;
  issued_at: string;
  expires_at: string;
  revoked: number;
};
export type AccountTables = { staff: StaffRow; tokens: TokenRow };

export const accountsOf = ({ db, table }: LiveRows) => ({
  db: db as Kysely<AccountTables>,
  raw: <N extends keyof AccountTables>(name: N) => table(name) as N,
});

type Event = StaffEvent | TokenEvent;
type Handlers = {
  [E in Event as E['type']]: (data: E['data'], write: Writer) => Promise<unknown>;
};

class Writer {
  constructor(
    readonly db: Kysely<AccountTables>,
    readonly raw: <N extends keyof AccountTables>(name: N) => N,
    readonly at: string,
  ) {}

  staff(staffId: string, set: Partial<StaffRow>): Promise<unknown> {
    const change = this.db.updateTable(this.raw('staff')).set({ ...set, updated_at: this.at });
    return change.where('staff_id', '=', staffId).execute();
  }
}

const handlers: Handlers = {
  'identity.StaffRegistered': ({ staffId, loginId, name }, { db, raw, at }) => {
    const row = { staff_id: staffId, login_id: loginId, name, role: 'administrator', updated_at: at };
    return db
      .insertInto(raw('staff'))
      .values({ ...row, locked: 0, initial_password: 0 })
      .execute();
  },
  'identity.StaffRoleGiven': ({ staffId, after }, write) => write.staff(staffId, { role: after }),
  'identity.StaffInitialPasswordIssued': ({ staffId }, write) => write.staff(staffId, { initial_password: 1 }),
  'identity.StaffPasswordChanged': ({ staffId }, write) => write.staff(staffId, { initial_password: 0 }),
  'identity.StaffLocked': ({ staffId }, write) => write.staff(staffId, { locked: 1 }),
  'identity.StaffUnlocked': ({ staffId }, write) => write.staff(staffId, { locked: 0 }),
  'identity.StaffDeleted': ({ staffId }, { db, raw }) =>
    db.deleteFrom(raw('staff')).where('staff_id', '=', staffId).execute(),
  'identity.AccessTokenIssued': (data, { db, raw, at }) => {
    const { service, tenant, name } = data;
    const row = { token_id: data.tokenId, service, tenant, name, scopes: data.scopes.join(' ') };
    const rest = { owner_name: data.ownerName, last_four: data.lastFour, expires_at: data.expiresAt };
    return db
      .insertInto(raw('tokens'))
      .values({ ...row, ...rest, issued_at: at, revoked: 0 })
      .execute();
  },
  'identity.AccessTokenRevoked': ({ tokenId }, { db, raw }) =>
    db.updateTable(raw('tokens')).set({ revoked: 1 }).where('token_id', '=', tokenId).execute(),
};

/** The accounts of the back office, and the programs of everybody. */
export const accounts: ProjectionDefinition = {
  name: 'accounts',
  version: 1,
  typePrefixes: [...staffEvents, ...tokenEvents].map(({ type }) => type),
  tables: {
    staff: (t) =>
      t
        .addColumn('staff_id', 'text', (c) => c.primaryKey())
        .addColumn('login_id', 'text', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('role', 'text', (c) => c.notNull())
        .addColumn('locked', 'integer', (c) => c.notNull())
        .addColumn('initial_password', 'integer', (c) => c.notNull())
        .addColumn('updated_at', 'text', (c) => c.notNull()),
    tokens: (t) =>
      t
        .addColumn('token_id', 'text', (c) => c.primaryKey())
        .addColumn('service', 'text', (c) => c.notNull())
        .addColumn('tenant', 'text', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('scopes', 'text', (c) => c.notNull())
        .addColumn('owner_name', 'text', (c) => c.notNull())
        .addColumn('last_four', 'text', (c) => c.notNull())
        .addColumn('issued_at', 'text', (c) => c.notNull())
        .addColumn('expires_at', 'text', (c) => c.notNull())
        .addColumn('revoked', 'integer', (c) => c.notNull()),
  },
  indexes: [
    { table: 'staff', columns: ['login_id'] },
    { table: 'tokens', columns: ['service', 'tenant', 'issued_at'] },
  ],
  apply: async (event, rows) => {
    const { type, data, metadata } = event as unknown as Recorded<Event>;
    const { db, raw } = accountsOf(rows);
    const handle = handlers[type] as (data: unknown, write: Writer) => Promise<unknown>;
    await handle(data, new Writer(db, raw, metadata.occurredAt));
  },
};
