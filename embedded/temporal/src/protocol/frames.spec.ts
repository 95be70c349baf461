import fc from 'fast-check';
import { bytesField, fromFrame, splitFrames, toFrame, varint } from './frames.js';
import { api, fromInt64, int64 } from './messages.js';

test('frames are what a history holds, and come apart again', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ id: fc.nat(), name: fc.string() }), { maxLength: 20 }), (events) => {
      const frames = events.map(({ id, name }) =>
        toFrame({ eventId: int64(id), workflowExecutionSignaledEventAttributes: { signalName: name } }),
      );
      const history = api.history.v1.History.decode(Buffer.concat(frames));
      expect(history.events.map((event) => fromInt64(event.eventId))).toEqual(events.map(({ id }) => id));
      const split = splitFrames(Buffer.concat(frames)).map(fromFrame);
      expect(split.map((event) => event.workflowExecutionSignaledEventAttributes?.signalName)).toEqual(
        events.map(({ name }) => name),
      );
    }),
  );
});

test.each([0, 1, 127, 128, 16_383, 16_384, 2 ** 21, 2 ** 31])(
  'the length %i is written as the protocol has it',
  (value) => {
    const decoded = api.history.v1.HistoryEvent.decode(Buffer.concat([Buffer.from([8]), varint(value)]));
    expect(fromInt64(decoded.eventId)).toBe(value);
  },
);

test('a field of bytes is tag, length and bytes', () => {
  expect([...bytesField(8, [Buffer.from([1, 2]), Buffer.from([3])])]).toEqual([66, 3, 1, 2, 3]);
});

test('what is cut short is not taken for a history', () => {
  const frame = toFrame({ eventId: int64(300) });
  expect(() => splitFrames(frame.subarray(0, 1))).toThrow(RangeError);
});
