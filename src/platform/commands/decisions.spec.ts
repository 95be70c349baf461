import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryEventStore } from '../../../test/kit/memory-event-store.js';
import { SYSTEM } from '../../kernel/actor.js';
import { accept, type Decider, refuse } from '../../kernel/decider.js';
import { message, type MessageOf } from '../../kernel/message.js';
import { refusal } from '../../kernel/refusal.js';
import { count, text } from '../../kernel/schema.js';
import { EventStoreUnavailable, WrongExpectedRevision } from '../event-store/event-store.js';
import { Decisions } from './decisions.js';
import type { Sender } from './sender.js';

/** A tray that holds three things at most; knocking leaves a mark although it is refused. */
const put = message('tray.Put', { id: text() });
const take = message('tray.Take', { id: text() });
const knock = message('tray.Knock', { id: text() });
const placed = message('tray.Placed', { id: text(), nth: count() });
const taken = message('tray.Taken', { id: text() });
const knocked = message('tray.Knocked', { id: text() });
type Command = MessageOf<typeof put | typeof take | typeof knock>;
type Event = MessageOf<typeof placed | typeof taken | typeof knocked>;

const tray: Decider<number, Command, Event> = {
  stream: ({ data }) => `tray-${data.id}`,
  initial: 0,
  events: [placed, taken, knocked],
  decide: ({ type, data }, held) => {
    if (type === 'tray.Knock') return refuse(refusal('NOT_PERMITTED', { permission: 'knock' }), knocked(data));
    if (type === 'tray.Take') return accept(taken(data));
    return held < 3
      ? accept(placed({ id: data.id, nth: held + 1 }))
      : refuse(refusal('USER_LIMIT', { max: 3, scope: 'tray' }));
  },
  evolve: (held, { type }) => held + (type === 'tray.Placed' ? 1 : type === 'tray.Taken' ? -1 : 0),
};

const sender = (over: Partial<Sender> = {}): Sender => ({
  commandId: randomUUID(),
  fingerprint: null,
  correlationId: 'process-1',
  actor: SYSTEM,
  onBehalfOf: null,
  tenant: 'C00123',
  service: 'client-portal',
  clientAddress: '192.0.2.1',
  ...over,
});
const now = new Date('2026-07-01T00:00:00.000Z');
const id = 't1';

describe('the command path', () => {
  let store: MemoryEventStore;
  let conflicts: string[];
  let results: string[];
  const another = () =>
    new Decisions(
      store,
      { now: () => now },
      { conflict: (stream) => conflicts.push(stream), decided: (_, result) => results.push(result) },
    );
  let here: Decisions;
  beforeEach(() => {
    store = new MemoryEventStore();
    conflicts = [];
    results = [];
    here = another();
  });
  const types = () => (store.streams.get('tray-t1') ?? []).map(({ type }) => type);

  it('records what was decided, with who, when, whence and why', async () => {
    const from = sender();
    const decided = await here.decide(tray, put({ id }), from);
    expect(decided).toMatchObject({ refusal: null, stream: 'tray-t1', version: 0 });
    expect(store.streams.get('tray-t1')![0]!.metadata).toEqual({
      $correlationId: 'process-1',
      $causationId: from.commandId,
      occurredAt: now.toISOString(),
      tenant: 'C00123',
      service: 'client-portal',
      actor: SYSTEM,
      onBehalfOf: null,
      operation: 'tray.Put',
      clientAddress: '192.0.2.1',
      schema: 1,
      fingerprint: null,
      refused: null,
    });
  });

  it('records under the tenant that the decision names, where it names one', async () => {
    const named: typeof tray = {
      ...tray,
      decide: (command, held, moment) => ({ ...tray.decide(command, held, moment), tenant: 'own' }) as never,
    };
    await here.decide(named, put({ id }), sender());
    expect(store.streams.get('tray-t1')![0]!.metadata.tenant).toBe('own');
  });

  it('gives a repeated command its first answer, here and after a restart', async () => {
    const once = sender();
    const first = await here.decide(tray, put({ id }), once);
    await here.decide(tray, put({ id }), sender());
    for (const decisions of [here, another()]) {
      const again = await decisions.decide(tray, put({ id }), once);
      expect(again).toMatchObject({ refusal: null, version: 0 });
      expect(again.events.map(({ id }) => id)).toEqual(first.events.map(({ id }) => id));
    }
    expect(types()).toHaveLength(2);
  });

  it('does not let one id stand for two inputs', async () => {
    const once = sender({ fingerprint: 'a' });
    await here.decide(tray, put({ id }), once);
    const other = await here.decide(tray, put({ id }), { ...once, fingerprint: 'b' });
    expect(other.refusal?.code).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(types()).toHaveLength(1);
  });

  it('records what a refusal leaves behind, and refuses again when asked again', async () => {
    const once = sender();
    for (const decisions of [here, here, another()]) {
      const { refusal } = await decisions.decide(tray, knock({ id }), once);
      expect(refusal).toEqual({ code: 'NOT_PERMITTED', params: { permission: 'knock' } });
    }
    expect(types()).toEqual(['tray.Knocked']);
  });

  it('decides anew when another process was faster', async () => {
    await here.decide(tray, put({ id }), sender());
    await another().decide(tray, put({ id }), sender());
    const third = await here.decide(tray, put({ id }), sender());
    expect(third.events[0]!.data).toEqual({ id, nth: 3 });
    expect(conflicts).toEqual(['tray-t1']);
  });

  it('refuses on the newest state only', async () => {
    for (let n = 0; n < 3; n += 1) await here.decide(tray, put({ id }), sender());
    await another().decide(tray, take({ id }), sender());
    // `here` remembers a full tray and must look again before it says so.
    expect((await here.decide(tray, put({ id }), sender())).refusal).toBeNull();
    expect((await here.decide(tray, put({ id }), sender())).refusal?.code).toBe('USER_LIMIT');
    expect(await here.stateOf(tray, 'tray-t1')).toEqual({ state: 3, revision: 4 });
  });

  it('never places a fourth, however many ask at once in two processes', async () => {
    const there = another();
    const asked = Array.from({ length: 20 }, (_, n) => (n % 2 ? here : there).decide(tray, put({ id }), sender()));
    const answers = await Promise.all(asked);
    expect(answers.filter(({ refusal }) => refusal === null)).toHaveLength(3);
    expect(types()).toHaveLength(3);
  });

  it('lets a command that got no answer be repeated', async () => {
    const once = sender();
    const append = store.append.bind(store);
    store.append = async (...args) => {
      await append(...args);
      store.append = append;
      throw new EventStoreUnavailable('the answer was lost');
    };
    await expect(here.decide(tray, put({ id }), once)).rejects.toBeInstanceOf(EventStoreUnavailable);
    expect(await here.decide(tray, put({ id }), once)).toMatchObject({ refusal: null, version: 0 });
    expect(types()).toHaveLength(1);
  });

  it('gives up on a race that never ends', async () => {
    store.beforeAppend = () => {
      throw new WrongExpectedRevision('always');
    };
    await expect(here.decide(tray, put({ id }), sender())).rejects.toBeInstanceOf(WrongExpectedRevision);
    expect(conflicts).toHaveLength(9);
  });

  it('says how each command ended', async () => {
    await here.decide(tray, put({ id }), sender());
    await here.decide(tray, knock({ id }), sender());
    store.beforeAppend = () => {
      throw new Error('disk full');
    };
    await expect(here.decide(tray, put({ id }), sender())).rejects.toThrow('disk full');
    expect(results).toEqual(['accepted', 'refused', 'fault']);
  });

  it('appends on what it remembers without reading again', async () => {
    await here.decide(tray, put({ id }), sender());
    const { reads } = store;
    await here.decide(tray, put({ id }), sender());
    expect(store.reads).toBe(reads);
  });

  describe('with a command that is attempted once', () => {
    const once = () => sender({ attemptedOnce: true });

    it('opens a stream without asking whether it is there', async () => {
      expect(await here.decide(tray, put({ id }), once())).toMatchObject({ refusal: null, version: 0 });
      expect(store.reads).toBe(0);
    });

    it('decides anew where the stream was there after all, and calls that no conflict', async () => {
      await another().decide(tray, put({ id }), once());
      const decided = await here.decide(tray, put({ id }), once());
      expect(decided.events[0]!.data).toEqual({ id, nth: 2 });
      expect({ reads: store.reads, conflicts }).toEqual({ reads: 1, conflicts: [] });
    });

    it('refuses on what the stream says, never on the guess', async () => {
      for (let n = 0; n < 3; n += 1) await another().decide(tray, put({ id }), once());
      expect((await here.decide(tray, put({ id }), once())).refusal?.code).toBe('USER_LIMIT');
    });
  });

  it('asks first where a command may be a repetition', async () => {
    await here.decide(tray, put({ id }), sender());
    expect(store.reads).toBe(1);
  });
});
