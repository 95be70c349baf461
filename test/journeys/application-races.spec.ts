import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { applicationById } from '../../src/contexts/applications/lookups.js';
import { expireLink } from '../../src/contexts/applications/messages.js';
import { HolderKeys } from '../../src/platform/pki/holder-keys.js';
import type { Answer, Browser } from '../kit/browser.js';
import { decisionsOf, sendAsSystem } from '../kit/certificates.js';
import {
  type Begun,
  expectStatus,
  HOLDER_MAIL,
  type Issuance,
  reviewStep,
  startIssuance,
  type Ticket,
  type Visitor,
} from '../kit/issuance.js';
import { describeWithMovableClock, type RunningService } from '../kit/service.js';
import { colleague } from '../kit/staff.js';
import { vaultEntries } from '../kit/vault-entries.js';

// The service is stopped and started in between, and a busy machine takes its time for that.
jest.setTimeout(120_000);

let running: RunningService;
let site: Issuance;
let ticket: Ticket;
let begun: Begun;
beforeAll(async () => {
  ({ running, site } = await startIssuance());
}, 60_000);
beforeEach(async () => {
  ticket = await site.ticket();
});
afterAll(() => running.stop());

const historyOf = (id = begun.id) => running.service.events.read(`application-${id}`);
const countOf = async (type: string, id = begun.id) =>
  (await historyOf(id)).filter((event) => event.type === `applications.${type}`).length;
const ticketTypes = async ({ ticketId } = ticket) =>
  (await running.service.events.read(`ticket-${ticketId}`)).map(({ type }) => type.split('.')[1]);
const codes = (answers: readonly Answer[]) =>
  answers.map(({ status, body }) => (status < 300 ? String(status) : `${status} ${body.code}`)).sort();

type Side = Readonly<{
  /** Whoever holds the link, and what is done by it before it dies. */
  visitor: Visitor;
  answer: () => Promise<Answer>;
  link: Readonly<{ linkId: string; expiresAt: string }>;
}>;
/** Both links of an application live three days, and the same holds of both. */
const SIDES = {
  'EC-36 the submission': async (): Promise<Side> => {
    const linked = await site.linked(ticket);
    ({ begun } = linked);
    expectStatus(await linked.visitor.upload(), 201);
    const { applicantLink } = await applicationById(decisionsOf(running), begun.id);
    return { visitor: linked.visitor, answer: () => linked.visitor.submit(), link: applicantLink! };
  },
  'EC-49 the approval': async (): Promise<Side> => {
    const submitted = await site.submitted(ticket);
    ({ begun } = submitted);
    const { holderLinks } = await applicationById(decisionsOf(running), begun.id);
    return { visitor: submitted.holder, answer: () => submitted.holder.approve(), link: holderLinks[0]! };
  },
} as const;
const sides = Object.keys(SIDES) as (keyof typeof SIDES)[];
const at = (expiresAt: string, ms: number) => running.clock.standAt(new Date(Date.parse(expiresAt) + ms));
/** What the timer of the process does when it fires. */
const timer = ({ linkId, expiresAt }: Side['link']) => {
  const command = expireLink({ applicationId: begun.id, linkId, deadline: expiresAt });
  return sendAsSystem(running, command, 'EX001');
};
const goesOn = async () => {
  await running.clock.advance('1h');
  expect(await countOf('ApplicationExpired')).toBe(0);
  expect(await site.ticketState(ticket)).toBe('reserved');
};
const hasEnded = async () => {
  await running.clock.advance('1h');
  expect(await countOf('ApplicationExpired')).toBe(1);
  expect(await ticketTypes()).toEqual(['TicketIssued', 'TicketReserved', 'TicketReleased']);
};

describeWithMovableClock('who is on time and the timer', () => {
  it.each(sides)('%s at 71:59:59.999, with the timer in the same moment: it holds', async (side) => {
    const { answer, link } = await SIDES[side]();
    await at(link.expiresAt, -1);
    const [answered, fired] = await Promise.all([answer(), timer(link)]);
    expect(fired.events).toEqual([]);
    expect(answered.status).toBeLessThan(300);
    await at(link.expiresAt, 0);
    // After it, the timer finds that somebody was faster.
    expect((await timer(link)).events).toEqual([]);
    await goesOn();
  });

  it.each(sides)('%s at 72:00:00.000, with the timer in the same moment: too late', async (side) => {
    const { visitor, answer, link } = await SIDES[side]();
    await at(link.expiresAt, 0);
    const [answered] = await Promise.all([answer(), timer(link)]);
    expect(codes([answered])).toEqual(['410 LINK_EXPIRED']);
    expect(await countOf('ApplicationExpired')).toBe(1);
    expect((await timer(link)).events).toEqual([]);
    expect(codes([await answer(), await visitor.click()])).toEqual(['410 LINK_EXPIRED', '410 LINK_EXPIRED']);
    await hasEnded();
  });

  it.each(sides)('%s at 72:00:00.000 before any timer: too late, too', async (side) => {
    const { answer, link } = await SIDES[side]();
    await at(link.expiresAt, 0);
    expect(codes([await answer()])).toEqual(['410 LINK_EXPIRED']);
    await hasEnded();
  });

  it.each([false, true])(
    'EC-54 an approval begun in time whose key is ready too late is refused, and no key stays (timer first: %s)',
    async (timerFirst) => {
      const { answer, link } = await SIDES['EC-49 the approval']();
      const keysBefore = await holderKeys();
      const keys = running.service.app.get(HolderKeys);
      const make = keys.makeAtApproval.bind(keys);
      jest.spyOn(keys, 'makeAtApproval').mockImplementationOnce((order, send) =>
        make(order, async () => {
          // The key was made; now the moment has come.
          await at(link.expiresAt, 0);
          if (timerFirst) await timer(link);
          return send();
        }),
      );
      await at(link.expiresAt, -1);
      expect(codes([await answer()])).toEqual(['410 LINK_EXPIRED']);
      expect(await holderKeys()).toEqual(keysBefore);
      await hasEnded();
    },
  );

  it.each(sides)('%s at 71:59:59.999, then down over the deadline: it holds', async (side) => {
    const { answer, link } = await SIDES[side]();
    await at(link.expiresAt, -1);
    expect((await answer()).status).toBeLessThan(300);
    await running.restart({ passes: '6h' });
    await goesOn();
  });

  it.each(sides)('%s did not come, and the service was down over the deadline: it ends once', async (side) => {
    const { answer, link } = await SIDES[side]();
    await running.restart({ passes: '4d' });
    await hasEnded();
    const end = (await historyOf()).find(({ type }) => type === 'applications.ApplicationExpired')!;
    expect((end.data as { dueAt: string }).dueAt).toBe(link.expiresAt);
    expect(Date.parse(end.metadata.occurredAt)).toBeGreaterThan(Date.parse(link.expiresAt) + 3_600_000);
    expect(codes([await answer()])).toEqual(['410 LINK_EXPIRED']);
  });
});

const holderKeys = async () =>
  (await vaultEntries(running)).filter(({ purpose }) => purpose === 'holder-key').map(({ entry_id }) => entry_id);

describe('two at once', () => {
  const mailsToHolder = async () =>
    (await running.mailbox(HOLDER_MAIL)).filter(({ text }) => text.includes(begun.id)).length;

  it('EC-48 a submission sent twice is one, with one mail to the holder', async () => {
    const { visitor, answer } = await SIDES['EC-36 the submission']();
    expect(codes(await Promise.all([answer(), visitor.submit()]))).toEqual(['201', '409 APPLICATION_STATE']);
    expect(await countOf('IssuanceApplicationSubmitted')).toBe(1);
    expect(await mailsToHolder()).toBe(1);
  });

  it('EC-54 of approval and rejection one holds, and key and ticket say the same', async () => {
    const { visitor, answer } = await SIDES['EC-49 the approval']();
    const keysBefore = await holderKeys();
    const answers = await Promise.all([answer(), visitor.reject()]);
    expect(codes(answers)[0]).toBe('200');
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const approved = await countOf('IssuanceApplicationApprovedByHolder');
    expect(approved + (await countOf('IssuanceApplicationRejectedByHolder'))).toBe(1);
    await running.clock.settled();
    expect(await site.ticketState(ticket)).toBe(approved ? 'reserved' : 'unused');
    expect((await holderKeys()).length - keysBefore.length).toBe(approved);
  });

  it('EC-49 of an approval and a new link one holds', async () => {
    const { answer } = await SIDES['EC-49 the approval']();
    const [approval, link] = await Promise.all([answer(), begun.requestHolderLink()]);
    const approved = await countOf('IssuanceApplicationApprovedByHolder');
    expect([approval.status, approved]).toEqual(approved ? [200, 1] : [410, 0]);
    // A link that came before the approval was made and died at once; it opens nothing.
    expect(codes([link])[0]).toMatch(/^(202|409 APPLICATION_STATE)$/);
    expect(await countOf('HolderLinkIssued')).toBe(link.status === 202 ? 2 : 1);
    expect(approved === 1 && link.status === 202).toBe(false);
  });

  it('EC-25 who loses a ticket to another loses nothing else', async () => {
    const other = await site.ticket();
    const rivals = [await site.agree(), await site.agree()] as const;
    const proofs = [await rivals[0].confirmed(ticket), await rivals[1].confirmed(ticket)] as const;
    const register = (n: 0 | 1) =>
      rivals[n].register({ ...rivals[n].applicant(ticket), proof: proofs[n], agreed: true });
    const answers = await Promise.all([register(0), register(1)]);
    expect(codes(answers)).toEqual(['201', '422 TICKET_NOT_USABLE']);
    const loser = rivals[answers[0].status === 201 ? 1 : 0];
    const winner = rivals[answers[0].status === 201 ? 0 : 1];
    expectStatus(await loser.registered(other), 201);
    await running.clock.settled();
    for (const [{ ticketId }, { id }] of [
      [ticket, winner],
      [other, loser],
    ] as const) {
      const [, reserved, ...more] = await running.service.events.read(`ticket-${ticketId}`);
      expect([(reserved!.data as { applicationId: string }).applicationId, more]).toEqual([id, []]);
    }
  });
});

describe('two reviewers at once', () => {
  let first: Browser;
  let second: Browser;
  const both = (...steps: readonly [step: string, body?: object][]) =>
    Promise.all(
      steps.map(([step, body], n) => [first, second][n]!.post(`back-office/applications/${begun.id}/${step}`, body)),
    );
  const twice = (step: string) => both([step], [step]);
  beforeEach(async () => {
    // Time was moved: nobody is logged in for so long.
    first = await running.staff();
    ({ browser: second } = await colleague(running, first, 'staff'));
    ({ begun } = await site.approved(ticket));
  });

  it('EC-56 each step is done by one of them, and there is one certificate', async () => {
    expect(codes(await twice('review'))).toEqual(['201', '409 APPLICATION_STATE']);
    for (const each of [first, second])
      expectStatus(await each.get(`back-office/applications/${begun.id}/identity-document`), 200);
    expect(codes(await twice('identity-verification'))).toEqual(['201', '409 APPLICATION_STATE']);
    expect(codes(await twice('issuance'))).toEqual(['202', '409 APPLICATION_STATE']);
    await running.clock.settled();
    for (const type of ['ApplicationReviewStarted', 'IdentityVerified', 'IssuanceOrdered', 'CertificateIssued'])
      expect([type, await countOf(type)]).toEqual([type, 1]);
    expect(await ticketTypes()).toEqual(['TicketIssued', 'TicketReserved', 'TicketConsumed']);
  });

  it('EC-57 of an order to issue and a return one holds, whole', async () => {
    for (const step of ['review', 'identity-verification'] as const) await reviewStep(first, begun.id, step);
    const answers = await both(['issuance'], ['return', { reason: 'blurred' }]);
    expect(answers.filter(({ status }) => status < 300)).toHaveLength(1);
    expect(codes(answers)).toContain('409 APPLICATION_STATE');
    await running.clock.settled();
    const issued = await countOf('CertificateIssued');
    expect(issued + (await countOf('ApplicationReturned'))).toBe(1);
    const end = issued ? 'TicketConsumed' : 'TicketReleased';
    expect(await ticketTypes()).toEqual(['TicketIssued', 'TicketReserved', end]);
  });
});
