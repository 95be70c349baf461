import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HOLDER_MAIL } from '../../kit/issuance.js';
import { Killable } from '../../kit/killable.js';
import { ownFolder } from '../../kit/own-folder.js';
import { PAPERS, registrant } from '../../kit/partners.js';
import { type SmtpSink, smtpSink } from '../../kit/smtp-sink.js';
import { pause, Person, persist } from './people.js';
import { type Plan, PLANS, play, type Ticket } from './plans.js';

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
const QUARTER_MS = 15 * 60_000;
const DAY_MS = 96 * QUARTER_MS;
/** Past every deadline of a link, and past the second business day. */
const DAYS = 16;
const MAIL_PATIENCE_MS = 5_000;

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

type Event = Readonly<{ type: string; data: Record<string, string> }>;
type Line = Readonly<{ events: readonly Readonly<{ type: string }>[] }>;

describe(`${COUNT} applications, ${KILLS} kills, seed ${seed}`, () => {
  const dataDir = ownFolder();
  let sink: SmtpSink;
  let service: Promise<Killable>;
  let staff: Person;
  let answers = 0;
  let kills = 0;
  let tickets: Ticket[];
  let ids: string[];
  let counting = false;

  const start = () =>
    Killable.start({
      DATA_DIR: dataDir,
      SMTP_URL: sink.url,
      MAIL_FROM: 'no-reply@example.com',
      LOGIN_RATE_LIMIT_PER_MINUTE: '100000',
      RATE_LIMIT_PER_MINUTE: '100000',
    });
  const running = () => service;
  const killed = async (afterMs: number) => {
    await pause(afterMs);
    const victim = await service;
    service = victim.kill().then(start);
    await service;
  };
  const dying: Promise<void>[] = [];
  const answered = () => {
    if (!counting) return;
    answers += 1;
    if (kills < killsAfter.length && answers >= killsAfter[kills]!) dying.push(killed(laterMs[kills++]!));
  };
  const person = () => new Person(running, answered);
  const read = (stream: string) => persist(running, (it) => it.do<Event[]>('read', stream));
  let turn: Promise<unknown> = Promise.resolve();
  const passes = (ms: number) => (turn = turn.then(() => persist(running, (it) => it.do('advance', ms))));

  /** A mail that was in hand at a kill comes when its try is given up; time must pass for that. */
  const linkTo = async (mail: string, applicationId: string): Promise<string> => {
    for (let since = Date.now(); ; await pause(50)) {
      const found = sink.taken.findLast(({ to, mail: { text } }) => to.includes(mail) && text?.includes(applicationId));
      const token = /onetimetoken=([0-9a-f]{64})/.exec(found?.mail.text ?? '')?.[1];
      if (token !== undefined) return token;
      if (Date.now() - since < MAIL_PATIENCE_MS) continue;
      await passes(QUARTER_MS);
      since = Date.now();
    }
  };

  beforeAll(async () => {
    sink = await smtpSink();
    service = start();
    staff = await person().staff((await service).ready.password!);
    await staff.does('back-office/owner-companies', { companyCode: 'EX001', name: 'Example Owner Co.' });
    const company = { vendorCode: 'A10001', name: 'Example Bridge Construction Co.' };
    await staff.does('back-office/owner-companies/EX001/partners', company);
    const registrants = [registrant(HOLDER_MAIL, ['GROUP_ADMINISTRATOR', 'SIGNER'])];
    await staff.does('back-office/partners/A10001/groups', { ...PAPERS, registrants });
    tickets = [];
    for (const _ of plans) {
      const ticketId = randomUUID();
      tickets.push({ ticketId, number: await (await service).do<string>('ticket', ticketId) });
    }
    counting = true;
  }, 120_000);
  afterAll(async () => {
    await Promise.allSettled(dying);
    await (await service).kill();
    await sink.stop();
  });

  it(
    'end as their people meant them to',
    async () => {
      ids = [];
      const left = plans.map((plan, n) => [plan, n] as const);
      const world = { running, person, staff, linkTo };
      const clerk = async () => {
        for (let next = left.shift(); next; next = left.shift()) {
          const [plan, n] = next;
          ids[n] = await play(world, plan, tickets[n]!, n);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, clerk));
      counting = false;
      await Promise.all(dying);
      for (let day = 0; day < DAYS; day += 1) {
        const past = passes(DAY_MS);
        if (day === killDay) await killed(laterMs.at(-1)!);
        await past;
      }
      expect(kills).toBe(killsAfter.length);
      await persist(running, (it) => it.do('settled', null));
      const ends: unknown[] = [];
      for (const [n, id] of ids.entries()) {
        const { body } = await staff.get(`back-office/applications/${id}`);
        const ticket = await persist(running, (it) => it.do<{ status: string }>('ticketState', tickets[n]!.ticketId));
        ends.push([plans[n], body.status, ticket.status]);
      }
      expect(ends).toEqual(plans.map((plan) => [plan, PLANS[plan].end, PLANS[plan].ticket]));
    },
    120_000 + COUNT * 20_000,
  );

  it('have one certificate or none, and end once', async () => {
    const issued: string[] = [];
    for (const [n, id] of ids.entries()) {
      const events = await read(`application-${id}`);
      const count = (type: string) => events.filter((event) => event.type === `applications.${type}`).length;
      const ends = ['CertificateActivated', 'IssuanceApplicationRejectedByHolder', 'ApplicationReturned'];
      expect([...ends, 'ApplicationExpired'].reduce((sum, type) => sum + count(type), 0)).toBe(1);
      expect([plans[n], count('CertificateIssued')]).toEqual([plans[n], PLANS[plans[n]!].end === 'Active' ? 1 : 0]);
      const certificate = events.find(({ type }) => type === 'applications.CertificateIssued');
      if (certificate) issued.push(certificate.data['certificateId']!);
    }
    const register: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await staff.get(`back-office/certificates?limit=100${cursor && `&cursor=${cursor}`}`);
      register.push(...(body.items as { id: string }[]).map(({ id }) => id));
      cursor = (body.nextCursor as string | null | undefined) ?? null;
    }
    expect(register.toSorted()).toEqual(issued.toSorted());
  }, 120_000);

  it('send each mail once; what comes twice is the same mail', async () => {
    const mails = new Map(sink.taken.map(({ mail, to }) => [mail.messageId!, to.join()]));
    const seen = new Map<string, string>();
    for (const [messageId, to] of mails) {
      const [, notificationId] = /^<(.+)\.1@example\.com>$/.exec(messageId) ?? [];
      const events = await read(`notification-${notificationId}`);
      const types = events.map(({ type }) => type);
      expect(types).toEqual(['notifications.NotificationQueued', 'notifications.NotificationSent']);
      const { processId, kind } = events[0]!.data;
      const key = `${processId} ${kind} ${to}`;
      expect([key, seen.get(key)]).toEqual([key, undefined]);
      seen.set(key, messageId);
    }
    for (const id of ids) expect([...seen.keys()].some((key) => key.startsWith(id))).toBe(true);
    // Each kill may repeat what was in the server's hands at that moment, and nothing else.
    expect(sink.taken.length).toBeLessThanOrEqual(mails.size + KILLS * COUNT);
  }, 120_000);

  it('leave a complete history, and nothing that was parked', async () => {
    for (const id of ids) {
      const { body } = await staff.get(`back-office/history?target=${id}&limit=100&order=oldest`);
      const told = (body.items as Line[]).flatMap(({ events }) => events.map(({ type }) => type));
      const theirs = told.filter((type) => type.startsWith('applications.'));
      const recorded = (await read(`application-${id}`)).map(({ type }) => type);
      expect(theirs.toSorted()).toEqual(recorded.toSorted());
    }
    const { tables, parked } = await persist(running, (it) =>
      it.do<{ tables: string[]; parked: unknown[] }>('parked', dataDir),
    );
    expect(tables.toSorted()).toEqual(['parked_consequences', 'parked_events']);
    expect(parked).toEqual([]);
  }, 120_000);
});
