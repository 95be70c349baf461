import fc from 'fast-check';
import { Deframer, framed } from './frames.js';
import { status } from './status.js';

const MOST = 1_000;

it('messages come out as they went in, wherever they were cut on the way', () =>
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 })),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
      (messages, lengths) => {
        const bytes = Buffer.concat(messages.map(framed));
        const deframer = new Deframer(MOST);
        const taken: string[] = [];
        for (let start = 0, cut = 0; start < bytes.length; cut++) {
          const end = start + (lengths[cut % lengths.length] ?? 1);
          const refused = deframer.push(bytes.subarray(start, end), (message) => taken.push(message.toString('hex')));
          expect(refused).toBeUndefined();
          start = end;
        }
        expect(taken).toEqual(messages.map((message) => Buffer.from(message).toString('hex')));
      },
    ),
  ));

it('a message that is not complete is known', () => {
  const deframer = new Deframer(MOST);
  const message = framed(Buffer.alloc(10));
  deframer.push(message.subarray(0, 3), () => undefined);
  expect(deframer.isAmidMessage).toBe(true);
  deframer.push(message.subarray(3), () => undefined);
  expect(deframer.isAmidMessage).toBe(false);
});

it.each([
  ['the largest', framed(Buffer.alloc(MOST)), undefined],
  ['a larger one, by its first five bytes', framed(Buffer.alloc(MOST + 1)).subarray(0, 5), status.RESOURCE_EXHAUSTED],
  ['a compressed one', Buffer.from([1, 0, 0, 0, 0]), status.UNIMPLEMENTED],
])('%s: %#', (_, bytes, code) => expect(new Deframer(MOST).push(bytes, () => undefined)?.code).toBe(code));
