import { randomUUID } from 'node:crypto';
import type { RawAnswer } from '../../kit/raw-grpc.js';
import { framed } from '../../kit/raw-grpc.js';
import { hostileStage, MIB, STATUS } from './hostile-stage.js';
import { BATCH_APPEND, batchOptions, batchPart, sent, shared, streams } from './wire.js';

type BatchRequest = ReturnType<typeof batchPart>;

interface Reply {
  readonly correlation: string;
  readonly stream: string;
  readonly succeeded: boolean;
  readonly code: number | undefined;
}

const repliesOf = ({ messages }: RawAnswer): Reply[] =>
  messages.map((message) => {
    const reply = streams.BatchAppendResp.deserializeBinary(message);
    return {
      correlation: reply.getCorrelationId()?.getString() ?? '',
      stream: Buffer.from(reply.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString(),
      succeeded: reply.hasSuccess(),
      code: reply.getError()?.getCode(),
    };
  });

describe('the embedded event store, sent hostile batch appends', () => {
  const stage = hostileStage();

  const send = async (...requests: BatchRequest[]): Promise<Reply[]> => {
    const answer = await stage.peer.call({ path: BATCH_APPEND, chunks: sent(...requests), patienceMs: 10_000 });
    expect(answer).toMatchObject({ ended: true, status: STATUS.ok });
    return repliesOf(answer);
  };
  const fresh = (): string => `batch-${randomUUID()}`;
  /** An append that is in order, to show that the call itself goes on. */
  const inOrder = () => {
    const stream = fresh();
    return { stream, request: batchPart({ options: batchOptions(stream) }) };
  };

  it('parts without options are ignored, and the call goes on', async () => {
    const good = inOrder();
    const replies = await send(batchPart({}), batchPart({ final: false }), good.request);
    expect(replies).toMatchObject([{ stream: good.stream, succeeded: true }]);
  });

  it.each(['', 'not-a-uuid', '00000000'])(
    'the correlation id %j is refused, and the call goes on',
    async (correlation) => {
      const bad = batchPart({ correlation, options: batchOptions(fresh()) });
      const replies = await send(bad, inOrder().request);
      expect(replies.map(({ succeeded }) => succeeded)).toEqual([false, true]);
    },
  );

  it('a correlation id that is already in use is refused once, and neither append is recorded', async () => {
    const correlation = randomUUID();
    const [first, second] = [fresh(), fresh()];
    const replies = await send(
      batchPart({ correlation, options: batchOptions(first), final: false }),
      batchPart({ correlation, options: batchOptions(second), final: false }),
      batchPart({ correlation }),
      inOrder().request,
    );
    expect(replies.filter((reply) => reply.correlation === correlation)).toHaveLength(1);
    expect([await stage.lengthOf(first), await stage.lengthOf(second)]).toEqual([-1, -1]);
  });

  it('a correlation id may be used again when its append has been answered', async () => {
    const correlation = randomUUID();
    const stream = fresh();
    const request = () => batchPart({ correlation, options: batchOptions(stream) });
    expect((await send(request(), request())).map(({ succeeded }) => succeeded)).toEqual([true, true]);
    expect(await stage.lengthOf(stream)).toBe(2);
  });

  it('of 5,000 unfinished appends all beyond the limit are refused, and all are forgotten with the call', async () => {
    const unfinished = Array.from({ length: 5_000 }, () => batchPart({ options: batchOptions(fresh()), final: false }));
    expect(await send(...unfinished)).toHaveLength(4_000);
    expect(await send(inOrder().request)).toMatchObject([{ succeeded: true }]);
  });

  it('unfinished appends of all callers together may not hold more than 64 MiB', async () => {
    const parts = Array.from({ length: 70 }, () =>
      batchPart({ options: batchOptions(fresh()), events: [{ bytes: MIB - 100 }], final: false }),
    );
    const replies = await send(...parts);
    expect(replies.length).toBeGreaterThan(5);
    expect(replies.every(({ code }) => code === STATUS.exhausted)).toBe(true);
  });

  it('an append that never ends is not recorded when the call ends', async () => {
    const stream = fresh();
    expect(await send(batchPart({ options: batchOptions(stream), final: false }))).toEqual([]);
    expect(await stage.lengthOf(stream)).toBe(-1);
  });

  it.each([-1, 0, 1_000_000])('a deadline of %d seconds after 1970 has passed', async (seconds) => {
    const { Timestamp } = await import('google-protobuf/google/protobuf/timestamp_pb.js');
    const stream = fresh();
    const options = batchOptions(stream);
    const deadline = new Timestamp();
    deadline.setSeconds(seconds);
    options.setDeadline(deadline);
    expect(await send(batchPart({ options }))).toMatchObject([{ succeeded: false, code: STATUS.deadline }]);
    expect(await stage.lengthOf(stream)).toBe(-1);
  });

  it.each<[string, () => BatchRequest]>([
    ['no stream', () => batchPart({ options: batchOptions('') })],
    ['$all', () => batchPart({ options: batchOptions('$all') })],
    ['a stream name of 1,001 bytes', () => batchPart({ options: batchOptions('n'.repeat(1_001)) })],
    ['an id that is no UUID', () => batchPart({ options: batchOptions(fresh()), events: [{ id: 'x' }] })],
    ['10,001 events', () => batchPart({ options: batchOptions(fresh()), events: Array<object>(10_001).fill({}) })],
    ['metadata that truncates', () => truncating()],
  ])('an append with %s is refused by itself, and the call goes on', async (_, request) => {
    const replies = await send(request(), inOrder().request);
    expect(replies.map(({ succeeded }) => succeeded)).toEqual([false, true]);
  });

  const truncating = (): BatchRequest => {
    const request = batchPart({ options: batchOptions('$$some-stream') });
    request.getProposedMessagesList()[0]?.setData(Buffer.from('{"$tb":10}'));
    return request;
  };

  it('no expectation at all is taken as "any"', async () => {
    const stream = fresh();
    const options = new streams.BatchAppendReq.Options();
    options.setStreamIdentifier(batchOptions(stream).getStreamIdentifier());
    expect(await send(batchPart({ options }))).toMatchObject([{ succeeded: true }]);
  });

  it('the largest revision there is is a conflict like any other', async () => {
    const options = batchOptions(fresh());
    options.setStreamPosition('18446744073709551615');
    expect(await send(batchPart({ options }))).toMatchObject([{ succeeded: false, code: 9 }]);
  });

  it('ids of extreme bits come back as they were', async () => {
    const request = batchPart({ options: batchOptions(fresh()) });
    const id = new shared.UUID.Structured();
    id.setMostSignificantBits('-9223372036854775808');
    id.setLeastSignificantBits('9223372036854775807');
    request.getProposedMessagesList()[0]?.getId()?.setStructured(id);
    expect(await send(request)).toMatchObject([{ succeeded: true }]);
  });

  it('an append that carries no event at all changes nothing', async () => {
    const stream = fresh();
    await send(batchPart({ options: batchOptions(stream), events: [] }));
    expect(await stage.lengthOf(stream)).toBe(-1);
  });

  it('16 MiB of empty events in one message do not exhaust the node', async () => {
    const before = (await stage.node.memory()).heldMiB;
    const head = batchPart({ options: batchOptions(fresh()), events: [], final: false }).serializeBinary();
    const emptyEvents = Buffer.alloc(16 * MIB - head.length - 64, Buffer.from([0x1a, 0x00]));
    const message = framed(Buffer.concat([head, emptyEvents]));
    const answer = await stage.peer.call({ path: BATCH_APPEND, chunks: [message], patienceMs: 20_000 });
    expect(answer.ended).toBe(true);
    // Decoded, the eight million events would take some hundred times as much as on the wire. The message itself, and
    // the copy put together from its parts, may not have been let go when the answer is here.
    expect((await stage.node.memory()).heldMiB).toBeLessThan(before + 3 * 16);
  });
});
