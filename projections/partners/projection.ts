import type { Kysely } from 'kysely';
import type { DirectoryEvent, PartnerEvent } from '../../src/contexts/partners/messages.js';
import type { Recorded } from '../../src/platform/event-store/recorded.js';
import type { LiveRows, ProjectionDefinition } from '../../src/platform/projections/definition.js';
import { mailKeyOf, type PartnerTables, partnersOf, partnerTables, type UserRow } from './tables.js';

type Event = DirectoryEvent | PartnerEvent;
type Joined = Extract<Event, { type: 'partners.PartnerUserRegistered' | 'partners.PartnerUserCreated' }>['data'];

/** The changes that several events make alike. */
class Writer {
  constructor(
    readonly db: Kysely<PartnerTables>,
    readonly raw: <N extends keyof PartnerTables>(name: N) => N,
    readonly at: string,
  ) {}

  async user({ accountId }: Readonly<{ accountId: string }>, set: Partial<UserRow>): Promise<void> {
    const change = this.db.updateTable(this.raw('users')).set({ ...set, updated_at: this.at });
    await change.where('account_id', '=', accountId).execute();
  }

  async joined({ accountId, userId, vendorCode, groupId, name, mail, secondaryMail }: Joined): Promise<void> {
    const person = { name, mail, mail_key: mailKeyOf(mail), secondary_mail: secondaryMail };
    const place = { account_id: accountId, user_id: userId, vendor_code: vendorCode, group_id: groupId };
    const fresh = { roles: '[]', initial_password: 1, notice_sent_at: null, created_at: this.at, updated_at: this.at };
    await this.db
      .insertInto(this.raw('users'))
      .values({ ...place, ...person, ...fresh })
      .execute();
  }
}
type Handlers = { [E in Event as E['type']]: (data: E['data'], write: Writer) => Promise<unknown> };

const handlers: Handlers = {
  'partners.OwnerCompanyRegistered': ({ companyCode, name }, { db, raw, at }) =>
    db.insertInto(raw('owners')).values({ company_code: companyCode, name, updated_at: at }).execute(),
  'partners.PartnerCompanyRegistered': ({ companyCode, vendorCode, name, groupId }, { db, raw, at }) => {
    const row = { vendor_code: vendorCode, company_code: companyCode, name, group_id: groupId, updated_at: at };
    return db.insertInto(raw('companies')).values(row).execute();
  },
  'partners.PartnerGroupRegistered': (data, { db, raw, at }) => {
    const { groupId: group_id, vendorCode: vendor_code, companyCode: company_code, name } = data;
    const papers = {
      issue_request_received_on: data.issueRequestReceivedOn,
      terms_consent_received_on: data.termsConsentReceivedOn,
    };
    const place = { group_id, vendor_code, company_code, name, parent_group_id: data.parentGroupId };
    return db
      .insertInto(raw('groups'))
      .values({ ...place, ...papers, updated_at: at })
      .execute();
  },
  'partners.PartnerUserRegistered': (data, write) => write.joined(data),
  'partners.PartnerUserCreated': (data, write) => write.joined(data),
  'partners.PartnerUserChanged': (data, write) => {
    const { name, mail, secondaryMail } = data.after;
    return write.user(data, { name, mail, mail_key: mailKeyOf(mail), secondary_mail: secondaryMail });
  },
  'partners.PartnerUserDeleted': ({ accountId }, { db, raw }) =>
    db.deleteFrom(raw('users')).where('account_id', '=', accountId).execute(),
  'partners.RolesGranted': (data, write) => write.user(data, { roles: JSON.stringify(data.after) }),
  'partners.RolesRevoked': (data, write) => write.user(data, { roles: JSON.stringify(data.after) }),
  'partners.RegistrationNoticeSent': (data, write) => write.user(data, { notice_sent_at: write.at }),
  // The notice that went out told of a password that opens nothing any more.
  'partners.InitialPasswordReissued': (data, write) => write.user(data, { notice_sent_at: null }),
  'partners.InitialPasswordChanged': (data, write) => write.user(data, { initial_password: 0 }),
  'partners.PartnerUserPasswordChanged': (data, write) => write.user(data, {}),
  'partners.PasswordReset': (data, write) => write.user(data, { initial_password: 0 }),
  'partners.PasswordResetLinkIssued': (data, write) => write.user(data, {}),
};

/** What somebody typed who could not log in is shown in the operation history; no row of a partner changes. */
const RECOVERY = ['partners.UserIdReminderRequested', 'partners.PasswordResetRequested'];

const apply = async ({ type, data, metadata }: Recorded<Event>, rows: LiveRows) => {
  if (RECOVERY.includes(type)) return;
  const { db, raw } = partnersOf(rows);
  const handle = handlers[type] as (data: unknown, write: Writer) => Promise<unknown>;
  await handle(data, new Writer(db, raw, metadata.occurredAt));
};

export const partners: ProjectionDefinition = {
  name: 'partners',
  version: 1,
  typePrefixes: ['partners.'],
  ...partnerTables,
  apply: (event, rows) => apply(event as unknown as Recorded<Event>, rows),
};
