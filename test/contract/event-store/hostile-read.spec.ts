import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { framed, RawPeer, type RawAnswer } from '../../kit/raw-grpc.js';
import { hostileStage, MIB, STATUS } from './hostile-stage.js';
import {
  APPEND,
  appendEvent,
  appendOptions,
  BATCH_APPEND,
  batchOptions,
  batchPart,
  filtering,
  READ,
  readRequest,
  sent,
  streamNamed,
  streams,
  subscribing,
} from './wire.js';

const KIB_PER_FORGOTTEN_CALL = 1;
const LARGEST = '18446744073709551615';
type Options = InstanceType<typeof streams.ReadReq.Options>;

describe('the embedded event store, asked hostile reads', () => {
  const stage = hostileStage();
  const ask = (change: (options: Options) => unknown, stream?: string): Promise<RawAnswer> =>
    stage.peer.call({ path: READ, chunks: sent(readRequest(change, stream)) });

  const known = 'known-stream';
  beforeAll(async () => {
    const peer = await RawPeer.connect(stage.node.connectionString);
    await peer.call({
      path: APPEND,
      chunks: sent(appendOptions(known), ...Array.from({ length: 5 }, () => appendEvent())),
    });
    peer.close();
  });

  it.each<[string, number, (options: Options) => unknown, string | undefined]>([
    ['the largest count', 5, (options) => options.setCount(LARGEST), known],
    ['a count of 0', 0, (options) => options.setCount('0'), known],
    ['the largest revision', 0, (options) => options.getStream()?.setRevision(LARGEST), known],
    ['the largest revision, backwards', 5, (options) => backwards(options).getStream()?.setRevision(LARGEST), known],
    ['the largest position', 0, (options) => options.getAll()?.setPosition(position(LARGEST)), undefined],
    ['position 0, backwards', 0, (options) => backwards(options).getAll()?.setPosition(position('0')), undefined],
    ['a position of 2^53 + 1', 0, (options) => options.getAll()?.setPosition(position('9007199254740993')), undefined],
  ])('%s gives %d events and ends well', async (_, count, change, stream) => {
    const { status, messages } = await ask(change, stream);
    expect(status).toBe(STATUS.ok);
    expect(messages).toHaveLength(count);
  });

  const backwards = (options: Options): Options => {
    options.setReadDirection(streams.ReadReq.Options.ReadDirection.BACKWARDS);
    return options;
  };
  const position = (commit: string) => {
    const wanted = new streams.ReadReq.Options.Position();
    wanted.setCommitPosition(commit);
    wanted.setPreparePosition(commit);
    return wanted;
  };

  const named = (name: string) => (options: Options) => {
    const wanted = new streams.ReadReq.Options.StreamOptions();
    wanted.setStreamIdentifier(streamNamed(name));
    return options.setStream(wanted);
  };

  it.each<[string, (options: Options) => unknown]>([
    ['neither a stream nor $all', (options) => options.clearAll()],
    ['an empty stream name', named('')],
    ['a stream name of 1,001 bytes', named('n'.repeat(1_001))],
    ['a filter without an expression', (options) => options.setFilter(new streams.ReadReq.Options.FilterOptions())],
    ['an empty expression', filtering('type', {})],
    ['an expression that is none', filtering('type', { regex: '(unclosed' })],
    ['an expression with a lone surrogate', filtering('type', { regex: '(\ud800' })],
    ['an expression of 1,001 characters', filtering('type', { regex: 'a'.repeat(1_001) })],
    ['an expression of nested repetitions', filtering('type', { regex: '((((a{1,99}){1,99}){1,99}){1,99}){1,99}' })],
    ['101 prefixes', filtering('type', { prefixes: Array.from({ length: 101 }, String) })],
    ['100,000 prefixes', filtering('type', { prefixes: Array.from({ length: 100_000 }, String) })],
  ])('%s is refused as invalid, by reads and by subscriptions', async (_, change) => {
    expect((await ask(change)).status).toBe(STATUS.invalid);
    const subscription = await ask((options) => {
      change(options);
      subscribing(options);
    });
    expect(subscription.status).toBe(STATUS.invalid);
  });

  it('an expression whose bytes are no UTF-8 is refused or searched, and the answer can be sent', async () => {
    const [request] = sent(readRequest(filtering('type', { regex: '(MARK' })));
    const bytes = Buffer.from((request as Buffer).toString('hex').replace('4d41524b', 'eda08041'), 'hex');
    const answer = await stage.peer.call({ path: READ, chunks: [bytes] });
    expect(answer).toMatchObject({ ended: true, status: STATUS.invalid });
  });

  it('a subscription from a position beyond the log is told so', async () => {
    const answer = await ask((options) => subscribing(options).getAll()?.setPosition(position('1000000')));
    expect(answer.status).toBe(STATUS.outOfRange);
  });

  it('an expression that would backtrack for ever is searched in linear time', async () => {
    const stream = `catastrophe-${'a'.repeat(900)}!`;
    await stage.peer.call({ path: APPEND, chunks: sent(appendOptions(stream), appendEvent()) });
    for (const regex of ['(a+)+$', '(a|aa)+$', '(.*a){12}$', '([a-z]+)*\\d']) {
      // Backtracking over 900 characters would outlive any patience.
      expect((await ask(filtering('stream', { regex }))).ended).toBe(true);
    }
  });
});

describe('the embedded event store, flooded', () => {
  const stage = hostileStage();
  /** The long form: SUBSCRIPTIONS=20000. */
  const SUBSCRIPTIONS = Number(process.env['SUBSCRIPTIONS'] ?? 2_000);
  const ROUNDS = 3;
  const PER_CONNECTION = 2_000;
  const KIB_PER_SUBSCRIPTION = 50;
  const held = async (): Promise<number> => (await stage.node.memory()).heldMiB;

  const subscribeOften = async (count: number): Promise<RawPeer> => {
    const peer = await RawPeer.connect(stage.node.connectionString);
    const [request] = sent(readRequest(subscribing, `idle-${randomUUID()}`));
    await Promise.all(
      Array.from({ length: count }, async () => {
        const subscription = peer.begin({ path: READ });
        subscription.stream.end(request);
        expect(await subscription.until(() => subscription.messages.length > 0, 60_000)).toBe(true);
      }),
    );
    return peer;
  };

  /** Gives what the node holds while all of them are open. */
  const floodOfSubscriptions = async (): Promise<number> => {
    const peers: RawPeer[] = [];
    for (let left = SUBSCRIPTIONS; left > 0; left -= PER_CONNECTION)
      peers.push(await subscribeOften(Math.min(left, PER_CONNECTION)));
    const heldMeanwhile = await held();
    const closed = Promise.all(peers.map(({ session }) => once(session, 'close')));
    peers.forEach((peer) => peer.close());
    await closed;
    await stage.peer.roundTrips(50);
    return heldMeanwhile;
  };

  it(
    `${SUBSCRIPTIONS} idle subscriptions cost bounded memory, and are forgotten when they are dropped`,
    async () => {
      // What is made once, at the first use, is not counted.
      await floodOfSubscriptions();
      const before = await held();
      let cost = 0;
      for (let round = 0; round < ROUNDS; round++) cost = (await floodOfSubscriptions()) - before;
      expect(cost).toBeLessThan((SUBSCRIPTIONS * KIB_PER_SUBSCRIPTION) / 1024);
      // If they were not forgotten, as many times the cost as there were rounds would be left.
      expect((await held()) - before).toBeLessThan(cost / 4);
    },
    60_000 + SUBSCRIPTIONS * (ROUNDS + 1) * 5,
  );

  it('calls that are opened and cut off by the thousand leave nothing behind', async () => {
    const CALLS = 500;
    // A connection for each: HTTP/2 closes one on which a thousand calls are cut off at once.
    const storm = async (path: string): Promise<void> => {
      const peer = await RawPeer.connect(stage.node.connectionString);
      const calls = Array.from({ length: CALLS }, () => peer.begin({ path }));
      const closed = Promise.all(calls.map(({ stream }) => once(stream, 'close')));
      for (const { stream } of calls) {
        stream.write(framed(Buffer.alloc(0)));
        stream.destroy();
      }
      await closed;
      await peer.roundTrips();
      peer.close();
    };
    const storms = async (count: number): Promise<void> => {
      for (let round = 0; round < count; round++) for (const path of [READ, APPEND, BATCH_APPEND]) await storm(path);
    };
    await storms(1);
    const before = await held();
    await storms(4);
    // A call that is remembered costs some ten times as much.
    expect((await held()) - before).toBeLessThan((4 * 3 * CALLS * KIB_PER_FORGOTTEN_CALL) / 1024);
  });

  it('a subscriber that never reads does not fill the memory', async () => {
    const stream = `unread-${randomUUID()}`;
    const DEAF = 20;
    const EVENTS = 24;
    const large = () => sent(appendOptions(stream), appendEvent({ bytes: MIB - 100 }));
    for (let count = 0; count < EVENTS; count++) await stage.peer.call({ path: APPEND, chunks: large() });
    const request = sent(readRequest(subscribing, stream));
    const heard = () => stage.peer.call({ path: READ, chunks: request, untilMessages: EVENTS + 1, patienceMs: 30_000 });
    await heard();
    const before = await held();
    const deaf = await Promise.all(
      Array.from({ length: DEAF }, async () => {
        const peer = await RawPeer.connect(stage.node.connectionString);
        const { stream } = peer.begin({ path: READ });
        stream.pause();
        stream.end(request[0]);
        return peer;
      }),
    );
    // Whoever listens gets everything meanwhile, and again: the node has done for the others what it does.
    for (let time = 0; time < 2; time++) expect((await heard()).messages.length).toBeGreaterThan(EVENTS);
    // They have asked for all; what they may hold of it is some events.
    expect((await held()) - before).toBeLessThan((DEAF * EVENTS) / 4);
    deaf.forEach((peer) => peer.close());
  }, 120_000);

  it('somebody who sends appends and never reads the answers is made to wait', async () => {
    const before = await held();
    const CHUNKS = 200;
    const options = batchOptions('never-read');
    const requests = Buffer.concat(
      sent(...Array.from({ length: 500 }, () => batchPart({ options, events: [{ id: 'bad' }] }))),
    );
    const peer = await RawPeer.connect(stage.node.connectionString);
    const deaf = peer.begin({ path: BATCH_APPEND }).stream;
    deaf.pause();
    let taken = 0;
    const pump = (): void => {
      deaf.write(requests, () => {
        taken += 1;
        if (taken < CHUNKS) pump();
      });
    };
    pump();
    // Over when nothing has been taken from it while somebody else was served many times.
    for (let takenBefore = -1; taken > takenBefore && taken < CHUNKS;) {
      takenBefore = taken;
      await stage.peer.roundTrips(100);
    }
    expect(taken).toBeLessThan(CHUNKS);
    expect((await held()) - before).toBeLessThan((CHUNKS * requests.length) / MIB / 2);
    peer.close();
  }, 120_000);
});
