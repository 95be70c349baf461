import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SITE } from '../../kit/issuance.js';
import { ownFolder } from '../../kit/own-folder.js';
import { programs } from '../../kit/program.js';
import { goOn, type Way } from './plans.js';
import { DAY_MS, QUARTER_MS, World } from './world.js';

/** Who waits for what when the backup is made. */
const WAITING = {
  'for the applicant': { type: 'agent', until: 'registered' },
  'for the holder': { type: 'agent', until: 'submitted' },
  'for its second business day': { type: 'agent', until: 'issued' },
} as const satisfies Record<string, Way>;
const waits = Object.keys(WAITING) as (keyof typeof WAITING)[];

type TicketFacts = Readonly<{ ticketId: string; status: string; applicationId: string | null }>;

describe('a backup of a service whose people are waited for, restored on another folder', () => {
  const { run } = programs();
  const backup = join(ownFolder(), 'backup');
  const dataDir = ownFolder();
  const restored = join(ownFolder(), 'restored');
  let world: World;
  let tickets: string[];
  let ids: string[];
  /** Registered before the backup, but its mail left after it. */
  let unsent: string;
  /** Registered after the backup. */
  let later: string;
  let sentBefore: string[];
  let deadlines: string[];

  const shomei = async (folder: string, ...args: string[]) => {
    const variables = { DATA_DIR: folder, KEYRING_FILE: world.keyring };
    const { code, err } = await run('cli', variables, ...args).ended;
    if (code !== 0) throw new Error(err);
  };
  const messageIds = () => world.sink.taken.map(({ mail }) => mail.messageId!);
  const mailOf = (n: number) => `agent.${n}@example.com`;
  const ticketOf = (n: number) => world.asked((it) => it.do<TicketFacts>('ticketByNumber', tickets[n]!));
  const eventsOf = async (id: string) => (await world.read(`application-${id}`)).map(({ type }) => type.split('.')[1]);
  const countOf = async (id: string, type: string) => (await eventsOf(id)).filter((each) => each === type).length;
  const openedBy = async (n: number, id: string) =>
    world.person().get(`${SITE}/applications/${id}/link?onetimetoken=${await world.linkTo(mailOf(n), id)}`);

  beforeAll(async () => {
    world = await World.begin(dataDir);
    tickets = await world.tickets(waits.length + 2);
    ids = await Promise.all(waits.map((wait, n) => goOn(world, WAITING[wait], tickets[n]!, n)));
    await world.passes(QUARTER_MS);
    world.sink.behave('hang up');
    const registration = { type: 'agent', until: 'registering' } as const;
    unsent = await goOn(world, registration, tickets[waits.length]!, waits.length);
    sentBefore = messageIds();
    const links = await Promise.all(ids.slice(0, 2).map((id) => world.read(`application-${id}`)));
    deadlines = links.map((events) => events.findLast(({ type }) => type.endsWith('LinkSent'))!.data['expiresAt']!);

    await shomei(dataDir, 'backup', backup);

    world.sink.behave(null);
    await world.linkTo(mailOf(waits.length), unsent);
    later = await goOn(world, registration, tickets[waits.length + 1]!, waits.length + 1);
    await world.linkTo(mailOf(waits.length + 1), later);
    await world.killed(async () => {
      await shomei(restored, 'restore', backup);
      return restored;
    });
  }, 300_000);
  afterAll(() => world.end());

  it('knows what was recorded before it, opens the links that lie in mails, and knows nothing of what came after', async () => {
    expect(await openedBy(0, ids[0]!)).toMatchObject({ status: 200 });
    expect(await openedBy(waits.length + 1, later)).toMatchObject({ status: 404 });
    expect((await ticketOf(waits.length + 1)).status).toBe('unused');
    expect(await openedBy(waits.length, unsent)).toMatchObject({ status: 200 });
  }, 60_000);

  it('EC-36, EC-49, EC-59 goes on waiting: what falls due happens once, at its time', async () => {
    await world.passes(2 * DAY_MS);
    const expired = () => Promise.all(ids.map((id) => countOf(id, 'ApplicationExpired')));
    expect(await expired()).toEqual([0, 0, 0]);
    await world.passes(8 * DAY_MS);
    expect(await expired()).toEqual([1, 1, 0]);
    for (const [n, deadline] of deadlines.entries()) {
      const events = await world.read(`application-${ids[n]!}`);
      const end = events.find(({ type }) => type === 'applications.ApplicationExpired')!;
      expect([waits[n], end.data['dueAt']]).toEqual([waits[n], deadline]);
      expect(await countOf(ids[n]!, 'ApplicationEndedNoticeSent')).toBe(1);
      const { ticketId, status } = await ticketOf(n);
      const given = (await world.read(`ticket-${ticketId}`)).filter(({ type }) => type === 'tickets.TicketReleased');
      expect([status, given.length]).toEqual(['unused', 1]);
    }
    expect(await countOf(ids[2]!, 'CertificateActivated')).toBe(1);
    expect((await ticketOf(2)).applicationId).toBe(ids[2]);
  }, 120_000);

  it('EC-35, EC-48 sends no mail again that was sent before it, and what was sent after it only as the same mail', () => {
    const all = messageIds();
    const timesOf = (messageId: string) => all.filter((each) => each === messageId).length;
    expect(sentBefore.length).toBeGreaterThan(waits.length);
    expect(sentBefore.filter((messageId) => timesOf(messageId) !== 1)).toEqual([]);
    const ofUnsent = world.sink.taken.filter(({ to }) => to.includes(mailOf(waits.length)));
    const links = ofUnsent.filter(({ mail }) => /登録のご案内/.test(mail.subject!));
    expect(new Set(links.map(({ mail }) => mail.messageId)).size).toBe(1);
    expect(new Set(links.map(({ mail }) => /onetimetoken=(\w+)/.exec(mail.text!)?.[1])).size).toBe(1);
    expect(links).toHaveLength(2);
    const others = all.filter((each) => timesOf(each) !== 1);
    expect(new Set(others)).toEqual(new Set([links[0]!.mail.messageId]));
  });
});
