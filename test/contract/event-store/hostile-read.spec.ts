import { randomUUID } from 'node:crypto';
import type { ClientHttp2Stream } from 'node:http2';
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
      const before = performance.now();
      expect((await ask(filtering('stream', { regex }))).ended).toBe(true);
      expect(performance.now() - before).toBeLessThan(1_000);
    }
  });
});

describe('the embedded event store, flooded', () => {
  const stage = hostileStage();
  const SUBSCRIPTIONS = Number(process.env['SUBSCRIPTIONS'] ?? 2_000);
  /** What a garbage-collected process of this size may keep for itself. */
  const SLACK_MIB = 80;
  const MIB_PER_SUBSCRIPTION = 0.2;

  const closed = (call: ClientHttp2Stream): Promise<void> =>
    new Promise((resolve) => (call.closed ? resolve() : call.once('close', resolve)));

  const openSubscriptions = async (peer: RawPeer, count: number): Promise<ClientHttp2Stream[]> => {
    const [request] = sent(readRequest(subscribing, `idle-${randomUUID()}`));
    const calls = Array.from({ length: count }, () => peer.open({ path: READ }));
    await Promise.all(
      calls.map(async (call) => {
        call.on('error', () => undefined);
        call.end(request);
        await new Promise((resolve) => call.once('data', resolve));
      }),
    );
    return calls;
  };

  it(`${SUBSCRIPTIONS} idle subscriptions cost bounded memory, and are forgotten when they are dropped`, async () => {
    // A connection for each round: HTTP/2 closes one on which a thousand calls are dropped at once.
    const flood = async (): Promise<void> => {
      const peer = await RawPeer.connect(stage.node.connectionString);
      const calls = await openSubscriptions(peer, SUBSCRIPTIONS);
      calls.forEach((call) => call.close());
      await Promise.all(calls.map(closed));
      peer.close();
    };
    const atRest = stage.node.residentMiB();
    // The heap first grows into its size; what grows on after that is a leak.
    for (let round = 0; round < 6; round++) await flood();
    const grown = stage.node.residentMiB();
    for (let round = 0; round < 8; round++) await flood();
    expect(stage.node.residentMiB()).toBeLessThan(grown + SLACK_MIB);
    expect(grown).toBeLessThan(atRest + SUBSCRIPTIONS * MIB_PER_SUBSCRIPTION);
  });

  it('calls that are opened and cut off by the thousand leave nothing behind', async () => {
    const storm = async (): Promise<void> => {
      const calls = [READ, APPEND, BATCH_APPEND].flatMap((path) =>
        Array.from({ length: 500 }, () => stage.peer.open({ path })),
      );
      for (const call of calls) {
        call.on('error', () => undefined);
        call.write(framed(Buffer.alloc(0)));
        call.destroy();
      }
      await Promise.all(calls.map(closed));
    };
    await storm();
    const before = stage.node.residentMiB();
    for (let round = 0; round < 4; round++) await storm();
    expect(stage.node.residentMiB()).toBeLessThan(before + SLACK_MIB);
  });

  it('a subscriber that never reads does not fill the memory', async () => {
    const stream = `unread-${randomUUID()}`;
    const large = () => sent(appendOptions(stream), appendEvent({ bytes: MIB - 100 }));
    for (let count = 0; count < 24; count++) await stage.peer.call({ path: APPEND, chunks: large() });
    const before = stage.node.residentMiB();
    const deaf = Array.from({ length: 20 }, () => stage.peer.open({ path: READ }));
    for (const call of deaf) {
      call.on('error', () => undefined);
      call.end(sent(readRequest(subscribing, stream))[0]);
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(stage.node.residentMiB()).toBeLessThan(before + 20 * 6 + SLACK_MIB);
    deaf.forEach((call) => call.destroy());
  });

  it('somebody who sends appends and never reads the answers is made to wait', async () => {
    const before = stage.node.residentMiB();
    const options = batchOptions('never-read');
    const requests = Buffer.concat(
      sent(...Array.from({ length: 500 }, () => batchPart({ options, events: [{ id: 'bad' }] }))),
    );
    const deaf = stage.peer.open({ path: BATCH_APPEND });
    deaf.on('error', () => undefined);
    deaf.pause();
    let taken = 0;
    const pump = (): void => {
      do taken += 1;
      while (deaf.write(requests) && taken < 80);
      if (taken < 80) deaf.once('drain', pump);
    };
    pump();
    // Enough for all 40,000, if the answers went anywhere.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(taken).toBeLessThan(80);
    expect(stage.node.residentMiB()).toBeLessThan(before + SLACK_MIB);
    deaf.destroy();
  });
});
