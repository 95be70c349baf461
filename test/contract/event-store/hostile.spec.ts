import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { constants } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { framed, RawPeer, type RawAnswer, type RawCall } from '../../kit/raw-grpc.js';
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
  subscribing,
} from './wire.js';

describe('the embedded event store, spoken to by somebody hostile', () => {
  const stage = hostileStage();

  const NOISE = randomBytes(2_000);
  const NESTED_GROUPS = Buffer.alloc(200_000, 0x0b);
  const WRONG_TYPES = Buffer.from([0x08, 0x01, 0x10, 0x02, 0x1d, 1, 2, 3, 4]);
  const METHODS = [READ, APPEND, BATCH_APPEND];

  describe.each([
    ['with the credential', () => stage.peer],
    ['without a credential', () => stage.stranger],
  ])('%s', (_, by) => {
    const answered = async (call: RawCall): Promise<RawAnswer> => {
      const answer = await by().call(call);
      expect(answer.ended).toBe(true);
      const refusedByHttp = answer.httpStatus !== 200 || answer.closedWith !== constants.NGHTTP2_NO_ERROR;
      expect(answer.status !== undefined || refusedByHttp).toBe(true);
      return answer;
    };

    it.each<[string, Buffer[]]>([
      ['nothing at all', []],
      ['bytes that are no frame', [NOISE]],
      ['a frame of noise', [framed(NOISE)]],
      ['a frame cut short', [framed(NOISE, { length: 4_000 })]],
      ['a frame that announces 4 GiB', [framed(NOISE, { length: 0xffff_ffff })]],
      ['an empty message', [framed(Buffer.alloc(0))]],
      ['fields of wrong types', [framed(WRONG_TYPES)]],
      ['groups nested 200,000 deep', [framed(NESTED_GROUPS)]],
      ['a compressed frame that is not compressed', [framed(NOISE, { compressed: true })]],
      ['17 MiB in one message', [framed(Buffer.alloc(17 * MIB))]],
    ])('%s ends in a status or a closed stream, on every call', async (_, chunks) => {
      for (const path of METHODS) await answered({ path, chunks });
    });

    it('a small message that unpacks to 64 MiB is refused', async () => {
      const bomb = framed(gzipSync(Buffer.alloc(64 * MIB)), { compressed: true });
      for (const path of METHODS) {
        const { status } = await answered({ path, chunks: [bomb], headers: { 'grpc-encoding': 'gzip' } });
        expect(status).not.toBe(STATUS.ok);
      }
    });

    it.each([
      '/event_store.client.streams.Streams/Nonsense',
      '/event_store.client.persistent_subscriptions.PersistentSubscriptions/Create',
      '/event_store.client.projections.Projections/Create',
      '/event_store.client.users.Users/Create',
      '/event_store.client.operations.Operations/Shutdown',
      '/',
      `/${'x'.repeat(400)}`,
    ])('the unknown method %p is unimplemented', async (path) => {
      expect((await answered({ path })).status).toBe(STATUS.unimplemented);
    });

    it.each<[string, Record<string, string>]>([
      ['GET', { ':method': 'GET' }],
      ['another content type', { 'content-type': 'text/html' }],
      ['a time-out that is no time', { 'grpc-timeout': 'soon' }],
      ['a time-out of nothing', { 'grpc-timeout': '0n' }],
      ['a time-out of 10,000 years', { 'grpc-timeout': '99999999H' }],
      ['an unknown compression', { 'grpc-encoding': 'brotli' }],
      ['large headers', { filler: 'x'.repeat(7_000) }],
    ])('%s is answered', async (_, headers) => {
      for (const path of METHODS) await answered({ path, headers, chunks: [framed(Buffer.alloc(0))] });
    });
  });

  it.each(['Basic', 'Basic !!!!', 'Bearer abc', `Basic ${'A'.repeat(700)}`, 'basic YWRtaW46Y2hhbmdlaXQ='])(
    'a credential such as %p opens nothing',
    async (authorization) => {
      const stream = `denied-${randomUUID()}`;
      const options = batchOptions(stream);
      for (const [path, chunks] of [
        [READ, sent(readRequest())],
        [READ, sent(readRequest(subscribing))],
        [APPEND, sent(appendOptions(stream), appendEvent())],
        [BATCH_APPEND, sent(batchPart({ options }))],
      ] as const) {
        const answer = await stage.stranger.call({ path, chunks, headers: { authorization } });
        expect(answer).toMatchObject({ status: STATUS.unauthenticated, messages: [] });
      }
      expect(await stage.lengthOf(stream)).toBe(-1);
    },
  );

  it.each([
    ['Delete', '/event_store.client.streams.Streams/Delete'],
    ['Tombstone', '/event_store.client.streams.Streams/Tombstone'],
    ['Scavenge', '/event_store.client.operations.Operations/StartScavenge'],
  ])('%s is refused by name, and to strangers not even that is said', async (name, path) => {
    const chunks = [framed(Buffer.alloc(0))];
    const refused = await stage.peer.call({ path, chunks });
    expect(refused.status).toBe(STATUS.denied);
    expect(refused.message).toContain(`${name} is refused`);
    expect((await stage.stranger.call({ path, chunks })).status).toBe(STATUS.unauthenticated);
  });

  const fuzzes = Number(process.env['PROPERTY_RUNS'] ?? 300);
  it('true messages with bytes changed, cut out or put in are answered', () => fuzz(fuzzes), 30_000 + fuzzes * 100);

  const fuzz = (numRuns: number): Promise<void> => {
    const messages: [string, Uint8Array[]][] = [
      [READ, [readRequest(filtering('type', { regex: '^a' })).serializeBinary()]],
      [APPEND, [appendOptions('fuzzed').serializeBinary(), appendEvent().serializeBinary()]],
      [BATCH_APPEND, [batchPart({ options: batchOptions('fuzzed'), events: [{}, {}] }).serializeBinary()]],
    ];
    const damage = fc.record({ at: fc.nat(), cut: fc.nat({ max: 8 }), put: fc.uint8Array({ maxLength: 8 }) });
    const damaged = (bytes: Uint8Array, { at, cut, put }: { at: number; cut: number; put: Uint8Array }) =>
      Buffer.concat([bytes.subarray(0, at % bytes.length), put, bytes.subarray((at % bytes.length) + cut)]);
    return fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...messages),
        fc.array(damage, { minLength: 1, maxLength: 3 }),
        async ([path, parts], damages) => {
          const chunks = parts.map((part) => framed(damages.reduce<Buffer>(damaged, Buffer.from(part))));
          // What has become a subscription answers and stays.
          const untilMessages = path === READ ? 1 : Infinity;
          expect(await stage.peer.call({ path, chunks, untilMessages })).toMatchObject({ ended: true });
        },
      ),
      { numRuns },
    );
  };

  describe('bytes that are not even HTTP/2', () => {
    const drained = async (socket: ReturnType<typeof connectTcp>): Promise<void> => {
      socket.on('error', () => undefined).resume();
      await once(socket, 'close');
    };

    it('before TLS: the connection is closed', async () => {
      const socket = connectTcp(stage.node.port, '127.0.0.1');
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      await drained(socket);
    });

    it('inside TLS: the connection is closed', async () => {
      const socket = connectTls({
        port: stage.node.port,
        host: '127.0.0.1',
        rejectUnauthorized: false,
        ALPNProtocols: ['h2'],
      });
      await once(socket, 'secureConnect');
      socket.write(randomBytes(5_000));
      await drained(socket);
    });

    it('behind a true preface: the connection is closed', async () => {
      const socket = connectTls({
        port: stage.node.port,
        host: '127.0.0.1',
        rejectUnauthorized: false,
        ALPNProtocols: ['h2'],
      });
      await once(socket, 'secureConnect');
      socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), randomBytes(5_000)]));
      await drained(socket);
    });
  });

  describe('appending', () => {
    const LONG = 'n'.repeat(1_001);
    const appending = (stream: string | Uint8Array, event = {}) =>
      stage.peer.call({ path: APPEND, chunks: sent(appendOptions(stream), appendEvent(event)) });

    it.each<[string, () => Promise<RawAnswer>]>([
      ['an empty stream name', () => appending('')],
      ['a stream name of 1,001 bytes', () => appending(LONG)],
      ['a stream name of a mebibyte', () => appending(Buffer.alloc(MIB, 0x61))],
      ['an event type of 1,001 bytes', () => appending('x', { type: LONG })],
      ['an empty id', () => appending('x', { id: '' })],
      ['an id that is no UUID', () => appending('x', { id: 'not-a-uuid' })],
      ['an id that is too long', () => appending('x', { id: `${randomUUID()}0` })],
      [
        'an event before the options',
        () => stage.peer.call({ path: APPEND, chunks: sent(appendEvent(), appendOptions('x')) }),
      ],
    ])('with %s is refused as invalid', async (_, append) => {
      expect((await append()).status).toBe(STATUS.invalid);
    });

    it('text that is no UTF-8 neither fails the append nor makes the log unreadable', async () => {
      const stream = `bad-text-${randomUUID()}`;
      const [options, event] = sent(appendOptions(stream), appendEvent({ type: 'MARKMARK' }));
      // A lone surrogate, an overlong slash, a cut sequence: each as long as what it replaces.
      for (const bad of ['eda0804d41524bc0', 'c0af4d41524b4d41', '4d41524b4d41e38c', 'fffefdfcfbfaf9f8']) {
        const bytes = Buffer.from((event as Buffer).toString('hex').replace('4d41524b4d41524b', bad), 'hex');
        const { status } = await stage.peer.call({ path: APPEND, chunks: [options as Buffer, bytes] });
        expect([STATUS.ok, STATUS.internal, STATUS.invalid]).toContain(status);
      }
      await stage.lengthOf(stream);
      expect((await stage.peer.call({ path: READ, chunks: sent(readRequest()) })).status).toBe(STATUS.ok);
    });

    /** Begins an append of two events on a connection of its own; the node has the first, and waits for the second. */
    const begun = async (stream: string) => {
      const peer = await RawPeer.connect(stage.node.connectionString);
      const append = peer.begin({ path: APPEND });
      await append.send(sent(appendOptions(stream), appendEvent()));
      await peer.roundTrips();
      return { peer, append };
    };

    it('two events, cut off after the first, records neither', async () => {
      const stream = `cut-${randomUUID()}`;
      const { peer, append } = await begun(stream);
      append.stream.destroy();
      await peer.roundTrips();
      expect(await stage.lengthOf(stream)).toBe(-1);
      peer.close();
    });

    it('two events, cut off with the connection after the first, records neither', async () => {
      const stream = `cut-${randomUUID()}`;
      const { peer } = await begun(stream);
      const closed = once(peer.session, 'close');
      peer.close();
      await closed;
      // Another connection's round trips say less about this one's end: so there are more of them.
      await stage.peer.roundTrips(50);
      expect(await stage.lengthOf(stream)).toBe(-1);
    });
  });
});
