import type { Kysely } from 'kysely';
import type { ClientCompanyEvent } from '../../src/contexts/client-portal/messages.js';
import { loginSucceeded } from '../../src/contexts/identity/messages.js';
import type { MessageOf } from '../../src/kernel/message.js';
import type { Recorded } from '../../src/platform/event-store/recorded.js';
import type { ProjectionDefinition, Rows } from '../../src/platform/projections/definition.js';
import { prepared } from '../../src/platform/sql/prepared.js';
import { type CompanyRow, type PortalTables, portalOf, portalTables } from './tables.js';

type PortalEvent = ClientCompanyEvent | MessageOf<typeof loginSucceeded>;
type Step = 'password_changed_at' | 'user_created_at' | 'view_granted_at' | 'procedure_granted_at';

/** The changes that several events make alike. */
class Writer {
  constructor(
    readonly db: Kysely<PortalTables>,
    readonly raw: <N extends keyof PortalTables>(name: N) => N,
    readonly at: string,
    readonly rows: Rows,
  ) {}

  async company(clientCode: string, set: Partial<CompanyRow>): Promise<void> {
    const change = this.db.updateTable(this.raw('companies')).set({ ...set, updated_at: this.at });
    await change.where('client_code', '=', clientCode).execute();
  }

  /** A step is dated when it was first done, however often it is done again. */
  async step(clientCode: string, step: Step): Promise<void> {
    const first = this.db.updateTable(this.raw('companies')).set({ [step]: this.at, updated_at: this.at });
    await first.where('client_code', '=', clientCode).where(step, 'is', null).execute();
  }

  async user(accountId: string): Promise<void> {
    const touch = this.db.updateTable(this.raw('users')).set({ updated_at: this.at });
    await touch.where('account_id', '=', accountId).execute();
  }

  async procedureUser({ accountId, acceptanceNumber }: Holding, is: boolean): Promise<void> {
    const tick = this.db.updateTable(this.raw('permissions')).set({ procedure_user: Number(is), updated_at: this.at });
    await tick.where('account_id', '=', accountId).where('acceptance_number', '=', acceptanceNumber).execute();
    await this.user(accountId);
  }
}
type Holding = Readonly<{ accountId: string; acceptanceNumber: string }>;
type Handlers = { [E in PortalEvent as E['type']]: (data: E['data'], write: Writer) => Promise<unknown> };

const handlers: Handlers = {
  'client-portal.ClientCompanyRegistered': ({ clientCode, name }, { rows, at }) =>
    newCompany(rows, clientCode, name, at),
  'client-portal.StandardAdded': async ({ clientCode, standard }, write) => {
    await write.db.insertInto(write.raw('standards')).values({ client_code: clientCode, standard }).execute();
    await write.company(clientCode, {});
  },
  'client-portal.CaseAdded': async ({ clientCode, acceptanceNumber, standard }, write) => {
    const row = { client_code: clientCode, acceptance_number: acceptanceNumber, standard };
    await write.db.insertInto(write.raw('cases')).values(row).execute();
    await write.company(clientCode, {});
  },
  'client-portal.ManagementAccountIssued': ({ clientCode, accountId, userId }, write) =>
    write.company(clientCode, { management_account_id: accountId, management_user_id: userId, initial_password: 1 }),
  'client-portal.InitialPasswordReissued': ({ clientCode }, write) =>
    write.company(clientCode, { initial_password: 1 }),
  'client-portal.ManagementAccountPasswordChanged': async ({ clientCode }, write) => {
    await write.company(clientCode, { initial_password: 0 });
    await write.step(clientCode, 'password_changed_at');
  },
  'client-portal.PortalUserCreated': async ({ clientCode, accountId, userId, displayName }, write) => {
    const named = { account_id: accountId, client_code: clientCode, user_id: userId, display_name: displayName };
    const row = { ...named, created_at: write.at, updated_at: write.at };
    await write.db.insertInto(write.raw('users')).values(row).execute();
    await write.step(clientCode, 'user_created_at');
  },
  'client-portal.PortalUserPasswordChanged': ({ accountId }, write) => write.user(accountId),
  'client-portal.PortalUserDeleted': ({ accountId }, { db, raw }) =>
    db.deleteFrom(raw('users')).where('account_id', '=', accountId).execute(),
  'client-portal.ViewPermissionGranted': async ({ clientCode, accountId, acceptanceNumber, standard }, write) => {
    const held = { account_id: accountId, acceptance_number: acceptanceNumber, client_code: clientCode, standard };
    const row = { ...held, procedure_user: 0, updated_at: write.at };
    await write.db.insertInto(write.raw('permissions')).values(row).execute();
    await write.user(accountId);
    await write.step(clientCode, 'view_granted_at');
  },
  'client-portal.ViewPermissionRevoked': async ({ accountId, acceptanceNumber }, write) => {
    const held = write.db.deleteFrom(write.raw('permissions')).where('account_id', '=', accountId);
    await held.where('acceptance_number', '=', acceptanceNumber).execute();
    await write.user(accountId);
  },
  'client-portal.ProcedurePermissionGranted': async (data, write) => {
    await write.procedureUser(data, true);
    await write.step(data.clientCode, 'procedure_granted_at');
  },
  'client-portal.ProcedurePermissionRevoked': (data, write) => write.procedureUser(data, false),
  'client-portal.ClientSetupCompleted': ({ clientCode }, write) =>
    write.company(clientCode, { completed_at: write.at }),
  'client-portal.MaterialAdded': async (data, write) => {
    const { clientCode: client_code, acceptanceNumber: acceptance_number, materialId: material_id } = data;
    const { fileName: file_name, mediaType: media_type, sizeBytes: size_bytes } = data;
    const row = { material_id, client_code, acceptance_number, file_name, media_type, size_bytes, added_at: write.at };
    await write.db.insertInto(write.raw('materials')).values(row).execute();
    await write.company(client_code, {});
  },
  // Shown in the operation history; no row of the portal changes.
  'client-portal.MaterialDownloaded': () => Promise.resolve(),
  'client-portal.ProcedureSubmitted': () => Promise.resolve(),
  'identity.LoginSucceeded': ({ tenant, accountId }, { db, raw, at }) =>
    db
      .updateTable(raw('companies'))
      .set({ logged_in_at: at })
      .where('client_code', '=', tenant)
      .where('management_account_id', '=', accountId)
      .where('logged_in_at', 'is', null)
      .execute(),
};

const NEW_COMPANY = {
  management_account_id: null,
  management_user_id: null,
  initial_password: 0,
  logged_in_at: null,
  password_changed_at: null,
  user_created_at: null,
  view_granted_at: null,
  procedure_granted_at: null,
  completed_at: null,
};

const newCompany = prepared((rows: Rows, client_code: string, name: string, updated_at: string) => {
  const { db, raw } = portalOf(rows);
  return db.insertInto(raw('companies')).values({ ...NEW_COMPANY, client_code, name, updated_at });
});

const apply = async ({ type, data, metadata }: Recorded<PortalEvent>, rows: Rows) => {
  const { db, raw } = portalOf(rows);
  const handle = handlers[type] as (data: unknown, write: Writer) => Promise<unknown>;
  await handle(data, new Writer(db, raw, metadata.occurredAt, rows));
};

export const clientPortal: ProjectionDefinition = {
  name: 'client-portal',
  version: 1,
  typePrefixes: ['client-portal.', loginSucceeded.type],
  ...portalTables,
  apply: (event, rows) => apply(event as unknown as Recorded<PortalEvent>, rows),
};
