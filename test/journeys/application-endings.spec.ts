import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { historyOf, kept } from '../kit/golden-histories.js';
import {
  type Begun,
  expectStatus,
  HOLDER_MAIL,
  type Issuance,
  PIN,
  reviewStep,
  type ReviewStep,
  startIssuance,
  type Ticket,
} from '../kit/issuance.js';
import { describeWithMovableClock, type RunningService } from '../kit/service.js';

let running: RunningService;
let site: Issuance;
let ticket: Ticket;
beforeAll(async () => {
  ({ running, site } = await startIssuance());
}, 60_000);
beforeEach(async () => {
  ticket = await site.ticket();
});
afterAll(() => running.stop());

const act = async ({ id }: Begun, ...steps: readonly ReviewStep[]) => {
  const staff = await running.staff();
  for (const step of steps) await reviewStep(staff, id, step);
  await running.clock.settled();
};
const issue = (begun: Begun) => act(begun, 'review', 'identity-verification', 'issuance');

/** The process itself, and that nothing personal or secret ever was in its hands. */
const ended = async ({ id }: Begun, name: string, result: string) => {
  await running.clock.settled();
  const history = await historyOf(running, id);
  expect(JSON.stringify(JSON.parse(history))).toContain('WORKFLOW_EXECUTION_COMPLETED');
  const decoded = history.replace(/"data": ?"([A-Za-z0-9+/=]+)"/g, (_, data: string) =>
    Buffer.from(data, 'base64').toString(),
  );
  expect(decoded).toContain(result);
  for (const secret of [PIN, '@example.com', '見本', 'Mihon', ticket.number, 'onetimetoken'])
    expect([secret, decoded.includes(secret)]).toEqual([secret, false]);
  await kept(running, `certificate-application-${name}`, id);
};

describeWithMovableClock('every way an application can end', () => {
  it('EC-56 issued, for an agent', async () => {
    const { begun } = await site.approved(ticket);
    await issue(begun);
    await ended(begun, 'issued', 'issued');
  });

  it('EC-60 issued, in person', async () => {
    const { begun, visitor } = await site.linked(ticket, { applicantType: 'self', mail: HOLDER_MAIL });
    await visitor.apply();
    expectStatus(await visitor.approve(), 200);
    await issue(begun);
    await ended(begun, 'issued-in-person', 'issued');
  });

  it('EC-56 issued although overdue', async () => {
    const { begun } = await site.approved(ticket);
    await running.clock.advance('20d');
    await issue(begun);
    await ended(begun, 'issued-overdue', 'issued');
  });

  it('EC-49 issued by the second link of the holder', async () => {
    const { begun } = await site.submitted(ticket);
    await running.clock.advance('50h');
    expectStatus(await begun.requestHolderLink(), 202);
    const holder = await site.visitorFrom(HOLDER_MAIL, begun.id);
    await running.clock.advance('50h');
    expectStatus(await holder.approve(), 200);
    await issue(begun);
    await ended(begun, 'issued-by-second-link', 'issued');
  });

  it('EC-61, EC-62 issued and revoked before anybody could use it: the application is over', async () => {
    const { begun } = await site.approved(ticket);
    await issue(begun);
    const staff = await running.staff();
    const issued = (await begun.status()).body;
    expect(issued.status).toBe('Issued');
    const leaked = { by: 'LRA', reason: 'keyCompromise' };
    const revoked = await staff.post(`back-office/certificates/${issued.certificate.id}/revocation`, leaked);
    expect(revoked.status).toBe(200);
    await running.clock.settled();
    expect((await begun.status()).body).toMatchObject({ status: 'Revoked', actions: ['beginAgain'], deadlines: [] });
    const shown = await staff.get(`back-office/applications/${begun.id}`);
    expect(shown.body).toMatchObject({ status: 'Revoked', actions: ['deleteIdentityDocument'] });
    await running.clock.advance('12d');
    expect((await begun.status()).body.status).toBe('Revoked');
    expect(await site.ticketState(ticket)).toBe('consumed');
    await ended(begun, 'revoked', 'issued');
  });

  it('EC-36 expired before the submission', async () => {
    const begun = await site.register(ticket, { mail: 'expired-1@example.com' });
    await running.clock.advance('73h');
    await ended(begun, 'expired-applicant', 'expired');
    expect(await site.ticketState(ticket)).toBe('unused');
  });

  it('EC-49 expired before the approval', async () => {
    const { begun } = await site.submitted(ticket);
    await running.clock.advance('73h');
    await ended(begun, 'expired-holder', 'expired');
  });

  it('EC-60 expired in session', async () => {
    const { begun, visitor } = await site.linked(ticket, { applicantType: 'self', mail: HOLDER_MAIL });
    await visitor.apply();
    await running.clock.advance('73h');
    await ended(begun, 'expired-in-person', 'expired');
    expect(await site.ticketState(ticket)).toBe('unused');
  });

  it('EC-54 rejected by the holder', async () => {
    const { begun, holder } = await site.submitted(ticket);
    expectStatus(await holder.reject(), 200);
    await ended(begun, 'rejected', 'rejected');
    expect(await site.ticketState(ticket)).toBe('unused');
  });

  it('EC-57 returned by the LRA', async () => {
    const { begun } = await site.approved(ticket);
    await act(begun, 'review', 'return');
    await ended(begun, 'returned', 'returned');
    expect(await site.ticketState(ticket)).toBe('unused');
  });

  it.each([1, 2, 3])(
    'EC-54, EC-49 approval and expiry at the same moment: one of them holds, and everything agrees (%d)',
    async () => {
      const { begun, holder } = await site.submitted(ticket);
      const sent = (await running.service.events.read(`application-${begun.id}`)).findLast(
        ({ type }) => type === 'applications.HolderLinkSent',
      )!;
      const expiresAtMs = Date.parse((sent.data as { expiresAt: string }).expiresAt);
      await running.clock.advance(expiresAtMs - running.clock.now().getTime() - 300);
      const [answer] = await Promise.all([holder.approve(), running.clock.advance('1m')]);
      await running.clock.settled();
      const types = (await running.service.events.read(`application-${begun.id}`)).map(
        ({ type }) => type.split('.')[1],
      );
      const approved = types.includes('IssuanceApplicationApprovedByHolder');
      expect(types.includes('ApplicationExpired')).toBe(!approved);
      expect(answer.status).toBe(approved ? 200 : 410);
      expect(await site.ticketState(ticket)).toBe(approved ? 'reserved' : 'unused');
    },
  );
});
