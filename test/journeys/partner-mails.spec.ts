import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { BRAND } from '../../src/contexts/partners/mails.js';
import type { Answer, Browser } from '../kit/browser.js';
import type { ReceivedMail } from '../kit/mails.js';
import { done, OWN_PASSWORD, PAPERS, type Partners, preparedPartners, registrant } from '../kit/partners.js';
import { describeWithMovableClock, type RunningService, startForTests } from '../kit/service.js';

let running: RunningService;
let partners: Partners;
let vendor = 20_000;
beforeAll(async () => {
  running = await startForTests({ PUBLIC_URL: 'https://contract.example.com' });
  partners = await preparedPartners(running);
}, 120_000);
afterAll(() => running.stop());

/** A group of its own for each test; answers the user IDs. */
const group = async (...mails: string[]) => {
  const vendorCode = `A${(vendor += 1)}`;
  await partners.company(vendorCode, `Example Company ${vendorCode}`);
  const people = mails.map((mail) => registrant(mail));
  return partners.office(vendorCode, null, people);
};
const login = (userId: string, password: string, browser = running.browser()) =>
  browser.post('e-contract/sessions', { userId, password });
const about = (mails: readonly ReceivedMail[], subject: string) =>
  mails.filter((mail) => mail.subject === BRAND + subject);
const NOTICE = 'ユーザー登録のお知らせ';
const REMINDER = 'ユーザーIDのご案内';
const RESET = 'パスワード再設定のご案内';
const passwordIn = ({ text }: ReceivedMail) => /初期パスワード: (\S+)/.exec(text)![1]!;
const withoutId = ({ status, body }: Answer) => [status, body];

describeWithMovableClock('EC-03 the registration notice', () => {
  it('EC-03 each registrant gets one mail with the address of the service, the user ID and a password that works', async () => {
    const ids = await group('one@example.com', 'two@example.com');
    for (const [index, mail] of ['one@example.com', 'two@example.com'].entries()) {
      const notices = about(await running.mailbox(mail), NOTICE);
      expect(notices).toHaveLength(1);
      expect(notices[0]!.text).toContain('https://contract.example.com/');
      expect(notices[0]!.text).toContain(`ユーザーID: ${ids[index]}`);
      expect((await login(ids[index]!, passwordIn(notices[0]!))).body).toMatchObject({ landing: 'passwordChange' });
    }
  });

  it('EC-03 the event says that it was sent and holds no password, nor does anything else that is kept or shown', async () => {
    const [userId] = await group('kept@example.com');
    const [notice] = await running.mailbox('kept@example.com');
    const password = passwordIn(notice!);
    const events = await running.service.events.read(`partner-${userId!.slice(0, -2)}`);
    expect(events.map(({ type }) => type)).toEqual([
      'partners.PartnerGroupRegistered',
      'partners.PartnerUserRegistered',
      'partners.RolesGranted',
      'partners.RegistrationNoticeSent',
    ]);
    const { notificationId } = events.at(-1)!.data as { notificationId: string };
    const queued = await running.service.events.read(`notification-${notificationId}`);
    const shown = await partners.staff.get(`back-office/notifications/${notificationId}`);
    expect(shown.body).toMatchObject({ status: 'sent', recipient: 'kept@example.com' });
    const history = await partners.staff.get(`back-office/history?target=${userId}&limit=100`);
    for (const place of [events, queued, shown.body, history.body])
      expect(JSON.stringify(place)).not.toContain(password);
    expect(running.logged()).not.toContain(password);
    const { body } = await partners.staff.get(`back-office/partners/${userId!.slice(0, -2)}`);
    expect(body.groups[0].members[0].noticeSentAt).toEqual(expect.stringMatching(/\+09:00$/));
  });

  it('EC-66 a user that an administrator creates gets the same mail', async () => {
    const [userId] = await group('maker@example.com');
    const administrator = await partners.as(userId!);
    const created = `${userId!.slice(0, -2)}03`;
    const user = { userId: created, name: 'Sample Staff', mail: 'made@example.com', roles: ['APPROVER'] };
    done(await administrator.post('e-contract/users', user));
    const [notice, ...more] = about(await running.mailbox('made@example.com'), NOTICE);
    expect(more).toEqual([]);
    expect(notice!.text).toContain('Sample Staff 様');
    expect((await login(created, passwordIn(notice!))).body.landing).toBe('passwordChange');
    expect((await administrator.get(`e-contract/users/${created}`)).body.noticeSentAt).not.toBeNull();
  });

  it('EC-03 the mail is sent, and once, though the service stops right after the registration', async () => {
    const [userId] = await group('restart@example.com');
    await running.restart();
    partners = await preparedPartners(running);
    const notices = about(await running.mailbox('restart@example.com'), NOTICE);
    expect(notices.map(({ text }) => text.includes(`ユーザーID: ${userId}`))).toEqual([true]);
    await running.restart();
    partners = await preparedPartners(running);
    expect(await running.mailbox('restart@example.com')).toHaveLength(1);
  });

  it('EC-03, EC-67 a corrected address gets a new initial password, and the one that went astray opens nothing, nor does its resend', async () => {
    const [userId, astray] = await group('corrects@example.com', 'astray@example.com');
    const administrator = await partners.as(userId!);
    const old = passwordIn(about(await running.mailbox('astray@example.com'), NOTICE)[0]!);
    const inside = running.browser();
    expect((await login(astray!, old, inside)).status).toBe(201);
    const person = { name: 'Sample', mail: 'astray@example.com', roles: ['APPROVER'] };
    // Another change leaves the password alone.
    done(await administrator.put(`e-contract/users/${astray}`, { ...person, name: 'Renamed' }));
    expect((await login(astray!, old)).status).toBe(201);
    done(await administrator.put(`e-contract/users/${astray}`, { ...person, mail: 'right@example.com' }));
    expect((await inside.get('e-contract/me/password')).status).toBe(401);
    expect((await login(astray!, old)).status).toBe(401);
    const [notice, ...more] = about(await running.mailbox('right@example.com'), NOTICE);
    expect(more).toEqual([]);
    expect((await login(astray!, passwordIn(notice!))).body).toMatchObject({ landing: 'passwordChange' });
    const queued = (await partners.staff.get('back-office/notifications?limit=100')).body.items as {
      id: string;
      recipient: string;
    }[];
    const { id } = queued.find(({ recipient }) => recipient === 'astray@example.com')!;
    expect((await partners.staff.post(`back-office/notifications/${id}/resend`)).status).toBeLessThan(300);
    const again = about(await running.mailbox('astray@example.com'), NOTICE);
    expect(again).toHaveLength(2);
    for (const each of again) expect((await login(astray!, passwordIn(each))).status).toBe(401);
    // There and back: the first address gets a third password, not the first one again.
    done(await administrator.put(`e-contract/users/${astray}`, person));
    const back = about(await running.mailbox('astray@example.com'), NOTICE);
    expect(back).toHaveLength(3);
    expect((await login(astray!, passwordIn(back.at(-1)!))).status).toBe(201);
    const { body } = await administrator.get(`e-contract/users/${astray}`);
    expect(body.noticeSentAt).toEqual(expect.stringMatching(/\+09:00$/));
  });

  it('EC-03 a registration that is refused sends nothing', async () => {
    await partners.company('A29998');
    const office = { ...PAPERS, termsConsentReceivedOn: null, registrants: [registrant('refused@example.com')] };
    expect((await partners.staff.post('back-office/partners/A29998/groups', office)).status).toBe(422);
    expect(await running.mailbox('refused@example.com')).toEqual([]);
  });
});

describeWithMovableClock('EC-06, EC-07 what strangers type', () => {
  it('EC-06, EC-07 is kept nowhere, neither an address that nobody registered nor a password in the wrong place', async () => {
    const browser = running.browser();
    const typed = ['stranger@example.net', 'Geheimnis-2026', 'Mihon Taro'];
    expect((await browser.post('e-contract/user-id-reminders', { mail: typed[0]! })).status).toBe(202);
    for (const userId of typed) expect((await browser.post('e-contract/password-resets', { userId })).status).toBe(202);
    for (const userId of typed) expect((await login(userId, 'Wrong-2026', browser)).status).toBe(401);
    await running.clock.settled();
    let kept = '';
    const feed = running.service.events.feed(null, ['identity.', 'notifications.', 'partners.']);
    feed.onCaughtUp(() => setTimeout(() => void feed.stop(), 100));
    for await (const { recorded } of feed.events)
      if (/Login|Requested/.test(recorded!.type)) kept += JSON.stringify(recorded);
    expect(kept).toContain('partners.UserIdReminderRequested');
    expect(kept).toContain('identity.LoginFailed');
    for (const text of typed) expect(kept).not.toContain(`"${text}"`);
    expect(running.logged()).not.toContain(typed[0]);
  });
});

describeWithMovableClock('EC-06 the forgotten user ID', () => {
  const remind = (mail: string, browser = running.browser()) => browser.post('e-contract/user-id-reminders', { mail });

  it('EC-06 known and unknown address get the same screen, and only the known one a mail with the user ID', async () => {
    const [userId] = await group('known@example.com');
    const [known, unknown] = [await remind('known@example.com'), await remind('x@example.com')];
    expect(withoutId(known)).toEqual(withoutId(unknown));
    expect(known.status).toBe(202);
    const [reminder, ...more] = about(await running.mailbox('known@example.com'), REMINDER);
    expect([reminder!.text.includes(userId!), more]).toEqual([true, []]);
    expect(await running.mailbox('x@example.com')).toEqual([]);
  });

  it('EC-06 an address of several users gets all their IDs in one mail, at the address as it was registered', async () => {
    const ids = await group('shared@example.com', 'shared@example.com');
    await remind(' SHARED@example.com ');
    const [reminder, ...more] = about(await running.mailbox('shared@example.com'), REMINDER);
    expect(reminder!.text).toContain(ids.join(', '));
    expect(more).toEqual([]);
  });

  it('EC-06 no more than five mails an hour, and the sixth request looks like the first', async () => {
    await group('often@example.com');
    const answers = [];
    for (let n = 0; n < 6; n += 1) answers.push(withoutId(await remind('often@example.com')));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(about(await running.mailbox('often@example.com'), REMINDER)).toHaveLength(5);
    await running.clock.advance('1h');
    await remind('often@example.com');
    expect(about(await running.mailbox('often@example.com'), REMINDER)).toHaveLength(6);
    // The session of the back office has ended meanwhile.
    partners = await preparedPartners(running);
  });

  it.each(['', 'known', 'known@', 'a@b'])('EC-06 refuses %j, which is no address', async (mail) =>
    expect((await remind(mail)).status).toBe(400),
  );
});

describeWithMovableClock('EC-07 the forgotten password', () => {
  const NEW = 'Renewed2026';
  const ask = (userId: string) => running.browser().post('e-contract/password-resets', { userId });
  /** What the link in the newest mail carries. */
  const linkTo = async (mail: string) => {
    const reset = about(await running.mailbox(mail), RESET).at(-1)!;
    const { pathname, search, searchParams } = reset.links[0]!;
    const [link, onetimetoken] = [searchParams.get('link')!, searchParams.get('onetimetoken')!];
    return { page: pathname + search, link, onetimetoken };
  };
  type Link = Readonly<{ link: string; onetimetoken: string }>;
  const set = ({ link, onetimetoken }: Link, newPassword = NEW, browser: Browser = running.browser()) => {
    const body = { link, onetimetoken, newPassword, newPasswordRepeat: newPassword };
    return browser.put('e-contract/password-resets', body);
  };
  const DEAD = { status: 410, body: { code: 'RESET_LINK_DEAD' } };

  it('EC-07 known and unknown user ID get the same screen; the link of the known one sets a new password once', async () => {
    const [userId] = await group('forgot@example.com');
    const logged = await partners.as(userId!);
    const [known, unknown, odd] = [await ask(userId!), await ask('Z9999901'), await ask('who am I?')];
    expect(withoutId(known)).toEqual(withoutId(unknown));
    expect(withoutId(known)).toEqual(withoutId(odd));
    const link = await linkTo('forgot@example.com');
    expect(link.onetimetoken).toMatch(/^[0-9a-f]{64}$/);
    const page = await running.browser().get(link.page);
    expect(page).toMatchObject({ status: 200, body: { userId, rule: { min: 8 }, action: { method: 'PUT' } } });
    expect((await set(link)).status).toBe(200);
    expect((await login(userId!, OWN_PASSWORD)).status).toBe(401);
    expect((await login(userId!, NEW)).body).toMatchObject({ landing: 'menu' });
    // Whoever was logged in with the old password is out.
    expect((await logged.get('e-contract/me')).status).toBe(401);
    expect(await set(link, 'Another2026')).toMatchObject(DEAD);
    expect(await running.browser().get(link.page)).toMatchObject(DEAD);
    expect((await login(userId!, NEW)).status).toBe(201);
  });

  it('EC-07 no more than five links an hour to one address, whichever of its users is named, and the answer is the same', async () => {
    const ids = await group('flooded@example.com', 'Flooded@example.com');
    const answers = [];
    for (let n = 0; n < 4; n += 1) for (const userId of ids) answers.push(withoutId(await ask(userId)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(about(await running.mailbox(), RESET).filter(({ to }) => /flooded/i.test(JSON.stringify(to)))).toHaveLength(
      5,
    );
  });

  it('EC-07 neither the link nor the process of a mail names the user', async () => {
    const [userId] = await group('unnamed@example.com');
    await ask(userId!);
    const { link } = await linkTo('unnamed@example.com');
    expect(link).not.toContain(userId);
    const events = await running.service.events.read(`partner-${userId!.slice(0, -2)}`);
    const notices = events.filter(({ type }) => type === 'partners.RegistrationNoticeSent');
    const { notificationId } = notices[0]!.data as { notificationId: string };
    const queued = await running.service.events.read(`notification-${notificationId}`);
    expect((queued[0]!.data as { processId: string }).processId).not.toContain(userId);
  });

  it('EC-07 two who follow the link at the same moment set one password', async () => {
    const [userId] = await group('twice@example.com');
    await ask(userId!);
    const link = await linkTo('twice@example.com');
    const both = await Promise.all([set(link, 'First12026'), set(link, 'Second2026')]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 410]);
    const logins = [await login(userId!, 'First12026'), await login(userId!, 'Second2026')];
    expect(logins.map(({ status }) => status).sort()).toEqual([201, 401]);
  });

  it('EC-07 no token but the own one opens, and nothing of it is kept', async () => {
    const [userId, other] = await group('token@example.com', 'other.token@example.com');
    await ask(userId!);
    await ask(other!);
    const [link, stranger] = [await linkTo('token@example.com'), await linkTo('other.token@example.com')];
    for (const onetimetoken of ['0'.repeat(64), stranger.onetimetoken, link.onetimetoken.toUpperCase(), 'x'])
      expect(await set({ link: link.link, onetimetoken })).toMatchObject(DEAD);
    expect(await set({ link: 'Z9999901.x', onetimetoken: link.onetimetoken })).toMatchObject(DEAD);
    const events = await running.service.events.read(`partner-${userId!.slice(0, -2)}`);
    expect(JSON.stringify(events)).not.toContain(link.onetimetoken);
    expect(running.logged()).not.toContain(link.onetimetoken);
  });

  it('EC-07 the new password follows the rule and is typed twice', async () => {
    const [userId] = await group('rule.reset@example.com');
    await ask(userId!);
    const link = await linkTo('rule.reset@example.com');
    expect(await set(link, 'short1')).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
    const body = { link: link.link, onetimetoken: link.onetimetoken, newPassword: NEW, newPasswordRepeat: 'other' };
    expect((await running.browser().put('e-contract/password-resets', body)).status).toBe(400);
    expect((await set(link)).status).toBe(200);
  });

  it('EC-07 somebody who never changed the initial password needs not, after setting one by the link', async () => {
    const [userId] = await group('never.in@example.com');
    await ask(userId!);
    expect((await set(await linkTo('never.in@example.com'))).status).toBe(200);
    expect((await login(userId!, NEW)).body.landing).toBe('menu');
  });

  it('EC-07 the link dies when the address that it went to is no longer that of the user', async () => {
    const [userId] = await group('moved@example.com');
    await ask(userId!);
    const link = await linkTo('moved@example.com');
    const administrator = await partners.as(userId!);
    expect((await ask(userId!)).status).toBe(202);
    const second = await linkTo('moved@example.com');
    const moved = { name: 'Sample', mail: 'elsewhere@example.com', roles: ['GROUP_ADMINISTRATOR'] };
    done(await administrator.put(`e-contract/users/${userId}`, moved));
    // The first died with the change of the initial password.
    for (const dead of [link, second]) expect(await set(dead)).toMatchObject(DEAD);
  });

  it('EC-07 the link lives to the last millisecond of 24 hours, and not a moment longer', async () => {
    const [early, late] = await group('early@example.com', 'late@example.com');
    for (const userId of [early!, late!]) await ask(userId);
    const links = { early: await linkTo('early@example.com'), late: await linkTo('late@example.com') };
    const events = await running.service.events.read(`partner-${early!.slice(0, -2)}`);
    const deadlineOf = (linkId: string) => {
      const data = events.map((event) => event.data as { linkId?: string; expiresAt?: string });
      return new Date(data.find((each) => each.linkId === linkId && each.expiresAt)!.expiresAt!);
    };
    await running.clock.standAt(new Date(deadlineOf(links.early.link).getTime() - 1));
    expect((await set(links.early)).status).toBe(200);
    await running.clock.standAt(deadlineOf(links.late.link));
    expect(await running.browser().get(links.late.page)).toMatchObject(DEAD);
    expect(await set(links.late)).toMatchObject(DEAD);
  });
});

// Last, because the mails that so many requests cause are long on their way.
describeWithMovableClock('EC-06, EC-07 what the time of an answer tells', () => {
  it.each(['EC-06', 'EC-07'])(
    '%s the answer takes as long for an unknown name as for a known one',
    async (which) => {
      // The session of the back office has ended meanwhile.
      partners = await preparedPartners(running);
      const mails = [1, 2, 3, 4].map((n) => `timed${n}.${which}@example.com`);
      const ids = [...(await group(mails[0]!, mails[1]!)), ...(await group(mails[2]!, mails[3]!))];
      const browser = running.browser();
      const took = async (mail: string, userId: string) => {
        const [path, body] = which === 'EC-06' ? ['user-id-reminders', { mail }] : ['password-resets', { userId }];
        const begin = performance.now();
        expect((await browser.post(`e-contract/${path}`, body)).status).toBe(202);
        return performance.now() - begin;
      };
      const times = { known: [] as number[], unknown: [] as number[] };
      // Five for each name, so that every one is recorded; in turns that burden both alike with the mails under way.
      for (let n = 0; n < 20; n += 1) {
        const of = n % 4;
        const known = async () => times.known.push(await took(mails[of]!, ids[of]!));
        const unknown = async () =>
          times.unknown.push(await took(`nobody.${mails[of]}`, `Z9${which.slice(3)}9${of}01`));
        for (const ask of n % 2 === 0 ? [known, unknown] : [unknown, known]) await ask();
      }
      // What else the machine does only ever adds; the quick quarter shows what the work itself takes.
      const quick = (values: number[]) => values.sort((x, y) => x - y)[4]!;
      const ratio = quick(times.unknown) / quick(times.known);
      expect(ratio).toBeGreaterThan(0.5);
      expect(ratio).toBeLessThan(2);
    },
    60_000,
  );
});
