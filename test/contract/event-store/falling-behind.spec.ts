import { randomUUID } from 'node:crypto';
import type { Exchange } from '../../kit/raw-grpc.js';
import { hostileStage, STATUS } from './hostile-stage.js';
import { APPEND, appendEvent, appendOptions, READ, readRequest, sent, streams, subscribing } from './wire.js';

/** From here on a live subscription is told that it fell behind. */
const FELL_BEHIND_EVENTS = 5_000;
const EVENTS_PER_APPEND = 500;

/** What a subscription was told, with runs of events as one entry each. */
const toldIn = ({ messages }: Exchange): { course: string[]; revisions: number[] } => {
  const course: string[] = [];
  const revisions: number[] = [];
  for (const message of messages) {
    const response = streams.ReadResp.deserializeBinary(message);
    const word = response.hasEvent()
      ? 'events'
      : response.hasCaughtUp()
        ? 'caught up'
        : response.hasFellBehind()
          ? 'fell behind'
          : response.hasConfirmation()
            ? 'confirmed'
            : 'something else';
    if (word !== 'events' || course.at(-1) !== word) course.push(word);
    if (response.hasEvent()) revisions.push(Number(response.getEvent()?.getEvent()?.getStreamRevision()));
  }
  return { course, revisions };
};

describe('a live subscriber that does not read', () => {
  const stage = hostileStage();

  const append = async (stream: string, count: number): Promise<void> => {
    for (let left = count; left > 0; left -= EVENTS_PER_APPEND) {
      const events = Array.from({ length: EVENTS_PER_APPEND }, () => appendEvent({ bytes: 100 }));
      const chunks = [Buffer.concat(sent(appendOptions(stream), ...events))];
      expect((await stage.peer.call({ path: APPEND, chunks })).status).toBe(STATUS.ok);
    }
  };

  const live = async (stream: string, wholeLog: boolean): Promise<Exchange> => {
    const subscription = stage.peer.begin({ path: READ });
    const toEnd = readRequest(
      (options) => {
        subscribing(options);
        if (wholeLog) options.getAll()?.setEnd(options.getAll()?.getStart());
      },
      wholeLog ? undefined : stream,
    );
    subscription.stream.end(sent(toEnd)[0]);
    expect(await subscription.until(() => toldIn(subscription).course.includes('caught up'))).toBe(true);
    return subscription;
  };

  it.each([
    ['a stream', false],
    ['$all', true],
  ])('of %s is told once that it fell behind, gets every event, and is told that it caught up', async (_, wholeLog) => {
    const stream = `behind-${randomUUID()}`;
    const subscription = await live(stream, wholeLog);
    subscription.stream.pause();
    const count = 3 * FELL_BEHIND_EVENTS;
    await append(stream, count);
    subscription.stream.resume();
    await subscription.until(() => subscription.messages.length >= count + 4);
    const { course, revisions } = toldIn(subscription);
    expect(course).toEqual(['confirmed', 'caught up', 'events', 'fell behind', 'events', 'caught up']);
    expect(revisions).toHaveLength(count);
    expect(revisions.findIndex((revision, index) => revision !== index)).toBe(-1);

    // And it is live again: nothing was told twice, and what comes now is all that comes.
    await append(stream, EVENTS_PER_APPEND);
    await subscription.until(() => subscription.messages.length >= count + 4 + EVENTS_PER_APPEND);
    expect(toldIn(subscription).course.slice(-2)).toEqual(['caught up', 'events']);
    expect(toldIn(subscription).revisions.at(-1)).toBe(count + EVENTS_PER_APPEND - 1);
    subscription.stream.close();
  });

  it('for fewer events than that is told nothing of the kind', async () => {
    const stream = `behind-${randomUUID()}`;
    const subscription = await live(stream, false);
    subscription.stream.pause();
    await append(stream, FELL_BEHIND_EVENTS);
    subscription.stream.resume();
    await subscription.until(() => subscription.messages.length >= FELL_BEHIND_EVENTS + 2);
    expect(toldIn(subscription).course).toEqual(['confirmed', 'caught up', 'events']);
    expect(toldIn(subscription).revisions).toHaveLength(FELL_BEHIND_EVENTS);
    subscription.stream.close();
  });
});
