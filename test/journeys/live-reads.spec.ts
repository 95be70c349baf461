import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from '../kit/browser.js';
import { EventStream } from '../kit/event-stream.js';
import { eventually } from '../kit/eventually.js';
import { type Portal, preparedPortal } from '../kit/portal.js';
import { type RunningService, startForTests } from '../kit/service.js';
import { LiveReads } from '../../src/platform/http/live/live-reads.js';

let running: RunningService;
let portal: Portal;
let base: string;
const opened: EventStream[] = [];

const follow = async (path: string, from: Browser | string, lastEventId?: string): Promise<EventStream> => {
  const stream = await EventStream.open(`${base}/api/v1/${path}`, from, lastEventId);
  opened.push(stream);
  return stream;
};
/** A new user, and the rows that show it. */
const shownUser = async (userId: string): Promise<string> => {
  const id = await portal.user(userId);
  await eventually(
    async () => (await portal.manager.get(`client-portal/users/${id}`)).status,
    (status) => status === 200,
  );
  return id;
};
const open = () => running.service.app.get(LiveReads).open;

beforeAll(async () => {
  running = await startForTests({ STREAM_HEARTBEAT_SECONDS: '1' });
  portal = await preparedPortal(running);
  await running.service.app.listen(0, '127.0.0.1');
  base = await running.service.app.getUrl();
});
afterAll(async () => {
  for (const stream of opened) stream.close();
  await running.stop();
});

describe('following a read', () => {
  it('begins with what is there, and tells what came, changed and went', async () => {
    const stream = await follow('client-portal/users', portal.manager);
    expect(stream.status).toBe(200);
    expect(stream.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(stream.headers.get('cache-control')).toBe('no-store');
    expect(await stream.at(0)).toMatchObject({ event: 'snapshot', data: { items: [] } });

    const id = await portal.user('followed');
    expect(await stream.at(1)).toEqual({ event: 'members', data: { ids: [id] }, id: null });
    const made = await stream.at(2);
    expect(made).toMatchObject({ event: 'change', data: { id, status: 'noPermission' } });

    const granted = await portal.manager.post(`client-portal/users/${id}/view-permissions`, {
      acceptanceNumber: 'R-2026-001',
    });
    const changed = await stream.at(3);
    expect(changed).toMatchObject({ event: 'change', data: { id, status: 'viewUser' } });
    expect(changed.data.version).toBeGreaterThanOrEqual(granted.body.version);
    // What is told is there to be read.
    expect((await portal.manager.get(`client-portal/users/${id}`)).body).toMatchObject({ status: 'viewUser' });

    await portal.manager.delete(`client-portal/users/${id}`);
    expect(await stream.at(4)).toMatchObject({ event: 'members', data: { ids: [] } });
    stream.close();
  });

  it('goes on where it was cut off, and tells nothing twice', async () => {
    const id = await shownUser('resumed');
    const path = `client-portal/users/${id}`;
    const stream = await follow(path, portal.manager);
    const first = await stream.at(0);
    expect(first.data.items).toEqual([{ id, version: expect.any(Number), status: 'noPermission' }]);
    stream.close();
    await portal.manager.post(`${path}/view-permissions`, { acceptanceNumber: 'R-2026-002' });
    await portal.manager.put(`${path}/procedure-permissions/R-2026-002`, {});
    await eventually(
      async () => (await portal.manager.get(path)).body.status,
      (status) => status === 'procedureUser',
    );
    const again = await follow(path, portal.manager, first.id!);
    expect(await again.at(0)).toMatchObject({ event: 'change', data: { id, status: 'procedureUser' } });
    const upToDate = await follow(path, portal.manager, again.lastEventId!);
    await wait(600);
    expect(upToDate.told).toEqual([]);
    const lost = await follow(path, portal.manager, 'not-one-of-ours');
    expect(await lost.at(0)).toMatchObject({ event: 'snapshot' });
    for (const each of [again, upToDate, lost]) each.close();
  });

  it('says that it is still there when nothing happens', async () => {
    const stream = await follow('client-portal/cases', portal.manager);
    await eventually(
      () => Promise.resolve(stream.comments),
      (comments) => comments >= 2,
    );
    expect(stream.told).toHaveLength(1);
    stream.close();
  });

  it('tells one company nothing of another', async () => {
    const other = await preparedPortal(running);
    const stream = await follow('client-portal/users', other.manager);
    const foreign = await portal.user('not.for.others');
    await other.user('for.others');
    expect(await stream.at(2)).toMatchObject({ event: 'change' });
    expect(JSON.stringify(stream.told)).not.toContain(foreign);
    const hidden = await follow(`client-portal/users/${foreign}`, other.manager);
    expect([hidden.status, hidden.problem?.code]).toEqual([404, 'NOT_FOUND']);
    stream.close();
  });

  it('ends when what is followed is gone', async () => {
    const id = await shownUser('going');
    const stream = await follow(`client-portal/users/${id}`, portal.manager);
    await stream.at(0);
    await portal.manager.delete(`client-portal/users/${id}`);
    await stream.untilEnd();
    expect(stream.told.at(-1)).toMatchObject({ event: 'end', data: { reason: 'gone' } });
  });

  it('is refused like every read, before anything is told', async () => {
    const stranger = await follow('client-portal/users', running.browser());
    expect([stranger.status, stranger.problem?.code]).toEqual([401, 'NOT_LOGGED_IN']);
    await portal.user('no.manager');
    const user = await portal.as('no.manager');
    const refused = await follow('client-portal/users', user);
    expect([refused.status, refused.problem?.code]).toEqual([403, 'NOT_PERMITTED']);
  });
});

describe('a stream ends with what opened it', () => {
  const endedFor = async (stream: EventStream) => {
    await stream.untilEnd();
    return stream.told.at(-1);
  };
  const LOGGED_OUT = { event: 'end', data: { reason: 'loggedOut' } };

  it('when the person logs out', async () => {
    const manager = await portal.as('kanri01', portal.initialPassword);
    const stream = await follow('client-portal/users', manager);
    await stream.at(0);
    expect((await manager.delete('client-portal/sessions/current')).status).toBe(204);
    expect(await endedFor(stream)).toMatchObject(LOGGED_OUT);
  });

  it('when the user is deleted', async () => {
    const id = await shownUser('out.at.once');
    const user = await portal.as('out.at.once');
    const stream = await follow('client-portal/cases', user);
    await stream.at(0);
    await portal.manager.delete(`client-portal/users/${id}`);
    expect(await endedFor(stream)).toMatchObject(LOGGED_OUT);
  });

  it('when the token of a program is revoked', async () => {
    const form = { name: 'Follower', scopes: ['users:read'], lifeDays: 1 };
    const { body } = await portal.manager.post('client-portal/access-tokens', form);
    const stream = await follow('client-portal/users', body.token as string);
    expect(await stream.at(0)).toMatchObject({ event: 'snapshot' });
    await portal.manager.delete(`client-portal/access-tokens/${body.id}`);
    expect(await endedFor(stream)).toMatchObject(LOGGED_OUT);
  });

  it('when the login is idle for too long, however long it was looked on', async () => {
    const other = await preparedPortal(running);
    const stream = await follow('client-portal/users', other.manager);
    await stream.at(0);
    await running.clock.advance('29m');
    await wait(1_500);
    expect(stream.ended).toBe(false);
    await running.clock.advance('2m');
    expect(await endedFor(stream)).toMatchObject(LOGGED_OUT);
    portal = await preparedPortal(running);
  });
});

describe('streams are bounded', () => {
  it('six for one login, and a closed one makes room', async () => {
    const streams: EventStream[] = [];
    for (let n = 0; n < 6; n += 1) streams.push(await follow('client-portal/users', portal.manager));
    expect(streams.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    const seventh = await follow('client-portal/users', portal.manager);
    expect([seventh.status, seventh.problem?.code]).toEqual([429, 'TOO_MANY_STREAMS']);
    const other = await preparedPortal(running);
    expect((await follow('client-portal/users', other.manager)).status).toBe(200);
    streams[0]!.close();
    await eventually(
      async () => (await follow('client-portal/users', portal.manager)).status,
      (status) => status === 200,
    );
  });

  it('and nothing is left of those that went away', async () => {
    for (const stream of opened) stream.close();
    await eventually(
      () => Promise.resolve(open()),
      (count) => count === 0,
    );
  });
});

it('the API document says of each read whether it may be followed', async () => {
  const { paths } = (await running.service.app.inject({ url: '/api/v1/openapi.json' })).json<{
    paths: Record<
      string,
      { get?: { responses: Record<string, { content?: object }>; parameters?: { name: string }[] } }
    >;
  }>();
  const live = Object.entries(paths).filter(
    ([, { get }]) => get?.responses['200']?.content && 'text/event-stream' in get.responses['200'].content,
  );
  expect(live.map(([path]) => path)).toEqual(
    expect.arrayContaining([
      '/api/v1/client-portal/users',
      '/api/v1/client-portal/users/{accountId}',
      '/api/v1/back-office/history',
    ]),
  );
  for (const [, { get }] of live) expect(get!.parameters!.map(({ name }) => name)).toContain('Last-Event-ID');
});

it('whoever follows is told when the service stops, and does not hold it up', async () => {
  const stream = await follow('client-portal/users', portal.manager);
  await stream.at(0);
  const began = performance.now();
  await running.restart();
  expect(performance.now() - began).toBeLessThan(10_000);
  await stream.untilEnd();
  expect(stream.told.at(-1)).toMatchObject({ event: 'end', data: { reason: 'restart' } });
});
