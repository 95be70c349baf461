import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { onEveryDatabase } from '../../test/kit/databases.js';
import * as m from '../../src/contexts/partners/messages.js';
import type { Message } from '../../src/kernel/message.js';
import type { Recorded } from '../../src/platform/event-store/recorded.js';
import { type AnyTables, type LiveRows, prefixOf } from '../../src/platform/projections/definition.js';
import { Generations } from '../../src/platform/projections/generations.js';
import type { Database } from '../../src/platform/sql/database.js';
import { partners } from './projection.js';
import * as queries from './queries.js';

onEveryDatabase('the read model of the partners', (open) => {
  let database: Database<AnyTables>;
  let generation = 0;
  beforeAll(async () => {
    database = await open();
    await new Generations(database).prepare();
  });
  beforeEach(async () => {
    generation += 1;
    await new Generations(database).create(partners, generation, true);
  });
  afterAll(() => database.close());

  const table = (name: string) => prefixOf('partners', generation) + name;
  const rows = (): LiveRows => ({ db: database.read, table });
  const at = (minute: number) => new Date(Date.UTC(2026, 6, 1, 0, minute)).toISOString();
  const seen = async (...events: readonly Message[]) => {
    for (const [minute, event] of events.entries()) {
      const recorded = { ...event, metadata: { occurredAt: at(minute) } } as unknown as Recorded;
      await database.write.transaction().execute((db) => partners.apply(recorded, { db, table }));
    }
  };

  const vendorCode = 'A10001';
  const person = (branch: number, mail: string, groupId = 'grp0101') => ({
    ...{ vendorCode, groupId, accountId: `account-${branch}`, userId: m.userIdOf(vendorCode, branch) },
    ...{ name: `Sample Person ${branch}`, mail, secondaryMail: null, credentialId: `credential-${branch}` },
  });
  const facts = ({ accountId, userId, groupId }: ReturnType<typeof person>) => ({
    ...{ vendorCode, groupId, accountId, userId },
  });
  const one = person(1, 'One@example.com');
  const two = person(2, 'one@example.com');
  const tokyo = person(3, 'tokyo@example.com', 'grp0102');
  const group = (groupId: string, name: string) =>
    m.partnerGroupRegistered({
      ...{ vendorCode, groupId, name, companyCode: 'EX001', companyName: 'Example Bridge Construction Co.' },
      ...{ parentGroupId: 'grp01', issueRequestReceivedOn: '2026-06-01', termsConsentReceivedOn: '2026-06-02' },
    });

  it('lists members by group, in the order of their IDs, in pages', async () => {
    await seen(...[two, one, tokyo].map((each) => m.partnerUserRegistered(each)));
    const first = await queries.listMembers(rows(), 'grp0101', null, 1);
    const second = await queries.listMembers(rows(), 'grp0101', ['A1000101', 'A1000101'], 9);
    expect([first, second].map((page) => page.map(({ user_id }) => user_id))).toEqual([['A1000101'], ['A1000102']]);
    expect(await queries.findMember(rows(), 'grp0102', 'A1000101')).toBeUndefined();
  });

  it('finds everybody of an address, however it is written, with the address as it was registered', async () => {
    await seen(...[one, two, tokyo].map((each) => m.partnerUserCreated(each)));
    expect(await queries.bearersOfMail(rows(), 'ONE@EXAMPLE.COM')).toEqual([
      { userId: 'A1000101', mail: 'One@example.com' },
      { userId: 'A1000102', mail: 'one@example.com' },
    ]);
    const before = { name: two.name, mail: two.mail, secondaryMail: null };
    await seen(m.partnerUserChanged({ ...facts(two), before, after: { ...before, mail: 'moved@example.com' } }));
    expect(await queries.bearersOfMail(rows(), 'one@example.com')).toHaveLength(1);
    expect(await queries.bearersOfMail(rows(), 'moved@example.com')).toHaveLength(1);
  });

  it('shows what became of a user, and lets its ID go to another', async () => {
    const replaced = { credentialId: 'new', replacedCredentialId: one.credentialId };
    await seen(
      m.partnerUserRegistered(one),
      m.rolesGranted({ ...facts(one), before: [], after: ['GROUP_ADMINISTRATOR', 'SIGNER'] }),
      m.registrationNoticeSent({ ...facts(one), notificationId: 'n-1' }),
      m.initialPasswordChanged({ ...facts(one), ...replaced }),
      m.rolesRevoked({ ...facts(one), before: ['GROUP_ADMINISTRATOR', 'SIGNER'], after: ['SIGNER'] }),
    );
    expect(await queries.findMember(rows(), 'grp0101', 'A1000101')).toMatchObject({
      ...{ roles: '["SIGNER"]', initial_password: 0, notice_sent_at: at(2), created_at: at(0), updated_at: at(4) },
    });
    const { name, mail, secondaryMail, credentialId } = one;
    await seen(
      m.partnerUserDeleted({ ...facts(one), name, mail, secondaryMail, credentialId, roles: ['SIGNER'] }),
      m.partnerUserCreated({ ...one, accountId: 'account-another', name: 'Another Person' }),
    );
    expect(await queries.findMember(rows(), 'grp0101', 'A1000101')).toMatchObject({
      ...{ account_id: 'account-another', name: 'Another Person', roles: '[]', initial_password: 1 },
    });
  });

  it('lists owners, their companies and the groups of a company', async () => {
    const company = { companyCode: 'EX001', name: 'Example Bridge Construction Co.' };
    await seen(
      m.ownerCompanyRegistered({ companyCode: 'EX002', name: 'Another Owner Co.' }),
      m.ownerCompanyRegistered({ companyCode: 'EX001', name: 'Example Owner Co.' }),
      m.partnerCompanyRegistered({ ...company, vendorCode: 'A10002', groupId: 'grp02' }),
      m.partnerCompanyRegistered({ ...company, vendorCode, groupId: 'grp01' }),
      group('grp0102', 'Tokyo'),
      group('grp0101', 'Sendai'),
    );
    const owners = await queries.listOwners(rows(), ['EX001', 'EX001'], 9);
    expect(owners.map(({ company_code }) => company_code)).toEqual(['EX002']);
    const companies = await queries.listCompanies(rows(), 'EX001', null, 9);
    expect(companies.map(({ vendor_code }) => vendor_code)).toEqual([vendorCode, 'A10002']);
    expect(await queries.listCompanies(rows(), 'EX002', null, 9)).toEqual([]);
    expect(await queries.findCompany(rows(), vendorCode)).toMatchObject({ group_id: 'grp01' });
    const groups = await queries.listGroups(rows(), vendorCode);
    expect(groups.map(({ name }) => name)).toEqual(['Sendai', 'Tokyo']);
  });

  it('passes over what was asked for on the login page', async () => {
    const asked = { recoveryId: 'r', requestedAt: at(0) };
    await seen(
      m.userIdReminderRequested({ ...asked, bearers: [] }),
      m.passwordResetRequested({ ...asked, userId: 'A1000101' }),
    );
    expect(await queries.listOwners(rows(), null, 9)).toEqual([]);
  });
});
