import fc from 'fast-check';
import { framed as frame } from '../grpc/frames.js';
import type { RecordedEvent } from '../log/event.js';
import { frameAll } from './event-frames.js';
import { messageType } from './messages.js';
import { wireStream } from './requests.js';
import { uuidStructured, uuidText } from './uuid.js';

const readResponse = messageType('event_store.client.streams.ReadResp');

/** The same message, said to the general encoder. */
const generally = (event: RecordedEvent, structuredIds: boolean): Buffer => {
  const { position, metadata, data } = event;
  const recorded = {
    id: structuredIds ? uuidStructured(event.id) : { string: uuidText(event.id) },
    streamIdentifier: wireStream(event.stream),
    streamRevision: event.revision,
    preparePosition: position,
    commitPosition: position,
    metadata: {
      type: event.type,
      'content-type': event.isJson ? 'application/json' : 'application/octet-stream',
      created: `${event.createdUs}0`,
    },
    customMetadata: metadata,
    data,
  };
  return frame(readResponse.encode({ event: { event: recorded, commitPosition: position } }).finish());
};

const wide = fc.oneof(fc.nat(300), fc.maxSafeNat(), fc.constantFrom(127, 128, 16_383, 16_384, 2 ** 31 - 1, 2 ** 31));
const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 150 }).map((given) => given.toWellFormed());
const anEvent: fc.Arbitrary<RecordedEvent> = fc.record({
  id: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  type: text,
  isJson: fc.boolean(),
  data: fc.oneof(
    fc.uint8Array(),
    fc.nat(70_000).map((length) => Buffer.alloc(length, 0x61)),
  ),
  metadata: fc.uint8Array(),
  position: wide,
  stream: text,
  revision: wide,
  createdUs: fc.maxSafeNat(),
});

it('events are encoded as the general encoder encodes them, among frames that are ready', () =>
  fc.assert(
    fc.property(fc.array(anEvent, { maxLength: 5 }), fc.boolean(), (events, structuredIds) => {
      const ready = Buffer.from('ready');
      const expected = events.flatMap((event) => [ready, generally(event, structuredIds)]);
      expect(
        frameAll(
          events.flatMap((event) => [ready, event]),
          structuredIds,
        ),
      ).toEqual(Buffer.concat(expected));
    }),
    { numRuns: 25 },
  ));
