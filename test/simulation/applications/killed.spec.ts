import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ownFolder } from '../../kit/own-folder.js';
import { pause } from './people.js';
import { type Plan, PLANS, play } from './plans.js';
import { DAY_MS, World } from './world.js';

/**
 * The whole service with its nodes is killed with -9 while people apply for certificates. The seed decides who does
 * what and after how many answers, and how much later, the service dies; the machine decides what it was doing then.
 *   CRASH_SEED=7 CRASH_APPLICATIONS=200 npm test -- test/simulation/applications
 */
const seed = Number(process.env['CRASH_SEED'] ?? 1);
const COUNT = Number(process.env['CRASH_APPLICATIONS'] ?? 7);
const KILLS = Number(process.env['CRASH_KILLS'] ?? Math.max(3, Math.floor(COUNT / 5)));
const AT_ONCE = 4;
const ANSWERS_EACH = 7;
const LATER_MAX_MS = 400;
/** Past every deadline of a link, and past the second business day. */
const DAYS = 16;
const LIMIT_MS = 180_000 + COUNT * 20_000;

const randomOf = (from: number) => {
  let state = from >>> 0;
  return (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
};
const random = randomOf(seed);
const KINDS = Object.keys(PLANS) as Plan[];
const plans = Array.from({ length: COUNT }, (_, n) => KINDS[n % KINDS.length]!);
/** All but the last while people are at work, the last while time passes. */
const killsAfter = Array.from({ length: KILLS - 1 }, () => 1 + random(COUNT * ANSWERS_EACH)).sort((a, b) => a - b);
const laterMs = Array.from({ length: KILLS }, () => random(LATER_MAX_MS));
const killDay = random(DAYS);

type TicketFacts = Readonly<{ ticketId: string; status: string; applicationId: string | null }>;
type Line = Readonly<{ events: readonly Readonly<{ type: string }>[] }>;

describe(`${COUNT} applications, ${KILLS} kills, seed ${seed}`, () => {
  const dataDir = ownFolder();
  let world: World;
  let answers = 0;
  let kills = 0;
  let tickets: string[];
  let ids: string[];
  const dying: Promise<void>[] = [];
  const killed = async (afterMs: number) => {
    await pause(afterMs);
    await world.killed();
  };
  const answered = () => {
    answers += 1;
    if (kills < killsAfter.length && answers >= killsAfter[kills]!) dying.push(killed(laterMs[kills++]!));
  };

  beforeAll(async () => {
    world = await World.begin(dataDir);
    tickets = await world.tickets(COUNT);
  }, LIMIT_MS);
  afterAll(async () => {
    await Promise.allSettled(dying);
    await world.end();
  });

  it(
    'end as their people meant them to',
    async () => {
      ids = [];
      world.onAnswer = answered;
      const left = plans.map((plan, n) => [plan, n] as const);
      const clerk = async () => {
        for (let next = left.shift(); next; next = left.shift()) {
          const [plan, n] = next;
          ids[n] = await play(world, plan, tickets[n]!, n);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, clerk));
      world.onAnswer = () => undefined;
      await Promise.all(dying);
      for (let day = 0; day < DAYS; day += 1) {
        const past = world.passes(DAY_MS);
        if (day === killDay) await killed(laterMs.at(-1)!);
        await past;
      }
      expect(kills).toBe(killsAfter.length);
      await world.asked((it) => it.do('settled', null));
      const ends: unknown[] = [];
      for (const [n, id] of ids.entries()) {
        const { body } = await world.staff.get(`back-office/applications/${id}`);
        const ticket = await world.asked((it) => it.do<TicketFacts>('ticketByNumber', tickets[n]!));
        ends.push([plans[n], body.status, ticket.status]);
      }
      expect(ends).toEqual(plans.map((plan) => [plan, PLANS[plan].end, PLANS[plan].ticket]));
    },
    LIMIT_MS,
  );

  it(
    'have one certificate or none, and end once',
    async () => {
      const issued: string[] = [];
      for (const [n, id] of ids.entries()) {
        const events = await world.read(`application-${id}`);
        const count = (type: string) => events.filter((event) => event.type === `applications.${type}`).length;
        const ends = ['CertificateActivated', 'IssuanceApplicationRejectedByHolder', 'ApplicationReturned'];
        expect([...ends, 'ApplicationExpired'].reduce((sum, type) => sum + count(type), 0)).toBe(1);
        expect([plans[n], count('CertificateIssued')]).toEqual([plans[n], PLANS[plans[n]!].end === 'Active' ? 1 : 0]);
        const certificate = events.find(({ type }) => type === 'applications.CertificateIssued');
        if (certificate) issued.push(certificate.data['certificateId']!);
      }
      const register: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const { body } = await world.staff.get(`back-office/certificates?limit=100${cursor && `&cursor=${cursor}`}`);
        register.push(...(body.items as { id: string }[]).map(({ id }) => id));
        cursor = (body.nextCursor as string | null | undefined) ?? null;
      }
      expect(register.toSorted()).toEqual(issued.toSorted());
      // And no serial that was given out and has no certificate.
      const known = world.register().filter(({ applicationId }) => ids.includes(applicationId));
      expect(known.filter(({ certificate }) => certificate !== null)).toHaveLength(issued.length);
      expect(known).toHaveLength(issued.length);
    },
    LIMIT_MS,
  );

  it(
    'have the ticket to themselves, and spend it once or give it back once',
    async () => {
      expect(new Set(tickets).size).toBe(COUNT);
      for (const [n, id] of ids.entries()) {
        const number = tickets[n]!;
        const ticket = await world.asked((it) => it.do<TicketFacts>('ticketByNumber', number));
        const events = await world.read(`ticket-${ticket.ticketId}`);
        const spent = PLANS[plans[n]!].ticket === 'consumed';
        const end = spent ? 'TicketConsumed' : 'TicketReleased';
        expect(events.filter(({ data }) => data['applicationId'] === id).map(({ type }) => type)).toEqual(
          ['TicketReserved', end].map((type) => `tickets.${type}`),
        );
        expect(ticket.applicationId).toBe(spent ? id : null);
      }
    },
    LIMIT_MS,
  );

  it(
    'send each mail once; what comes twice is the same mail',
    async () => {
      const mails = new Map(world.sink.taken.map(({ mail, to }) => [mail.messageId!, to.join()]));
      const seen = new Map<string, string>();
      for (const [messageId, to] of mails) {
        const [, notificationId] = /^<(.+)\.1@example\.com>$/.exec(messageId) ?? [];
        const events = await world.read(`notification-${notificationId}`);
        const types = events.map(({ type }) => type);
        // Taken just before a kill, and not sent again because its link had died meanwhile, it is in doubt; never failed.
        expect([
          'notifications.NotificationQueued notifications.NotificationSent',
          'notifications.NotificationQueued notifications.NotificationUnconfirmed',
        ]).toContain(types.join(' '));
        const { processId, kind } = events[0]!.data;
        const key = `${processId} ${kind} ${to}`;
        expect([key, seen.get(key)]).toEqual([key, undefined]);
        seen.set(key, messageId);
      }
      for (const id of ids) expect([...seen.keys()].some((key) => key.startsWith(id))).toBe(true);
      // Each kill may repeat what was in the server's hands at that moment, and nothing else.
      expect(world.sink.taken.length).toBeLessThanOrEqual(mails.size + KILLS * COUNT);
    },
    LIMIT_MS,
  );

  it(
    'leave a complete history, and nothing that was parked',
    async () => {
      for (const id of ids) {
        const { body } = await world.staff.get(`back-office/history?target=${id}&limit=100&order=oldest`);
        const told = (body.items as Line[]).flatMap(({ events }) => events.map(({ type }) => type));
        const theirs = told.filter((type) => type.startsWith('applications.'));
        const recorded = (await world.read(`application-${id}`)).map(({ type }) => type);
        expect(theirs.toSorted()).toEqual(recorded.toSorted());
      }
      const found = await world.asked((it) => it.do<{ tables: string[]; parked: unknown[] }>('parked', dataDir));
      const { tables, parked } = found;
      expect(tables.toSorted()).toEqual(['parked_consequences', 'parked_events']);
      expect(parked).toEqual([]);
    },
    LIMIT_MS,
  );
});
