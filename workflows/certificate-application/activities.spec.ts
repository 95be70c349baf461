import { describe, expect, it } from '@jest/globals';
import { entered } from '../../test/kit/application-data.js';
import * as m from '../../src/contexts/applications/messages.js';
import type { IssuedCertificate } from '../../src/contexts/certificates/issuance.commands.js';
import { partnerGroupRegistered, partnerUserRegistered, rolesGranted } from '../../src/contexts/partners/messages.js';
import { type Decider, fold } from '../../src/kernel/decider.js';
import type { Message } from '../../src/kernel/message.js';
import { refusal } from '../../src/kernel/refusal.js';
import type { Decisions } from '../../src/platform/commands/decisions.js';
import type { ProcessCommands } from '../../src/platform/temporal/process-commands.js';
import { certificateApplicationActivities } from './activities.js';

const applicationId = 'app-1';
const id = { applicationId };
const worth = { companyCode: 'EX001', ticketId: 'ticket-1', termYears: 3 };
const holder = { holderTenant: 'grp01', holderAccountId: 'account-1' };
const APPLICATION: readonly Message[] = [
  m.userDutiesAgreed({ ...id, dutiesVersion: '1' }),
  m.applicationRegistered({ ...id, ...worth, applicantType: 'agent', applicantMail: 'agent@example.com' }),
  m.issuanceApplicationSubmitted({ ...id, ...entered(), documentId: 'doc-1', ...holder }),
  m.issuanceApplicationApprovedByHolder({ ...id, keyId: 'key-1', reviewDueAt: '2026-07-08T15:00:00.000Z' }),
  m.issuanceOrdered(id),
];
const member = { vendorCode: 'A10001', groupId: 'grp01', accountId: 'account-1', userId: 'A1000101' };
const PARTNER: readonly Message[] = [
  partnerGroupRegistered({
    ...{ vendorCode: 'A10001', groupId: 'grp01', companyCode: 'EX001', companyName: 'x', name: 'x' },
    ...{ parentGroupId: 'partners', issueRequestReceivedOn: '2026-01-05', termsConsentReceivedOn: '2026-01-05' },
  }),
  partnerUserRegistered({ ...member, name: 'x', mail: 'x@example.com', secondaryMail: null, credentialId: 'c' }),
  rolesGranted({ ...member, before: [], after: ['SIGNER'] }),
];
const ISSUED: IssuedCertificate = {
  ...{ certificateId: 'cert-1', serial: '0a' },
  ...{ notBefore: '2026-07-08T03:00:00.000Z', notAfter: '2029-07-07T14:59:59.000Z' },
};

type Streams = Readonly<Record<string, readonly Message[]>>;

/** The activities on streams as they are given; commands are only noted, or refused. */
const onStreams = (streams: Streams, refused: Readonly<Record<string, Parameters<typeof refusal>[0]>> = {}) => {
  const sent: Message[] = [];
  const stateOf = (decider: Decider<unknown, Message, Message>, stream: string) =>
    Promise.resolve({ state: fold(decider, streams[stream] ?? []), revision: 0 });
  const send = (message: Message) => {
    sent.push(message);
    const code = refused[message.type];
    return Promise.resolve({ refusal: code ? refusal(code) : null, events: [], stream: '', version: 0 });
  };
  const activities = certificateApplicationActivities({
    decisions: { stateOf } as unknown as Decisions,
    commands: { send } as unknown as ProcessCommands,
    issuance: { issue: () => Promise.resolve(ISSUED) },
    clock: { now: () => new Date('2026-07-08T03:00:00.000Z') },
  });
  return { activities, types: () => sent.map(({ type }) => type), sent };
};
const STREAMS = { 'application-app-1': APPLICATION, 'partner-A10001': PARTNER };

describe('issuing as ordered', () => {
  it('EC-56 tells the application of its certificate', async () => {
    const { activities, types } = onStreams(STREAMS);
    expect(await activities.issueCertificate(applicationId, 1)).toBe('issued');
    expect(types()).toEqual(['applications.RecordCertificateIssued']);
  });

  it('EC-56 is tried again, and loudly, where the application does not take it', async () => {
    const { activities } = onStreams(STREAMS, { 'applications.RecordCertificateIssued': 'APPLICATION_STATE' });
    await expect(activities.issueCertificate(applicationId, 1)).rejects.toThrow('APPLICATION_STATE');
  });

  it.each([
    ['is nobody any more', { ...STREAMS, 'partner-A10001': PARTNER.slice(0, 1) }],
    ['signs no more', { ...STREAMS, 'partner-A10001': PARTNER.slice(0, 2) }],
    [
      'has a successor under the same ID',
      {
        ...STREAMS,
        'partner-A10001': PARTNER.map(({ type, data }) => ({ type, data: { ...(data as object), accountId: 'new' } })),
      },
    ],
  ])('EC-59 goes back to the review where the holder %s', async (_, streams: Streams) => {
    const { activities, sent } = onStreams(streams);
    expect(await activities.issueCertificate(applicationId, 1)).toBe('failed');
    expect(sent).toEqual([m.recordIssuanceFailed({ ...id, cause: 'HolderChanged' })]);
  });

  it('EC-59 an application from before accounts were recorded goes to whoever bears the ID', async () => {
    const older = APPLICATION.map(({ type, data }) => ({ type, data: { ...(data as object), holderAccountId: null } }));
    const { activities } = onStreams({ ...STREAMS, 'application-app-1': older });
    expect(await activities.issueCertificate(applicationId, 1)).toBe('issued');
  });

  it('EC-56 issues nothing where the order was given back by an attempt whose answer got lost', async () => {
    const failed = m.issuanceFailed({ ...id, cause: 'HolderChanged' });
    const { activities, types } = onStreams({ ...STREAMS, 'application-app-1': [...APPLICATION, failed] });
    expect(await activities.issueCertificate(applicationId, 1)).toBe('failed');
    expect(types()).toEqual([]);
  });

  it('EC-25 a ticket that cannot be spent is not passed over', async () => {
    await expect(onStreams(STREAMS).activities.spendTicket(applicationId)).resolves.toBeUndefined();
    const refused = onStreams(STREAMS, { 'tickets.ConsumeTicket': 'TICKET_NOT_USABLE' });
    await expect(refused.activities.spendTicket(applicationId)).rejects.toThrow('TICKET_NOT_USABLE');
  });
});
