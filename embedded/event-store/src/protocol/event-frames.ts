import { PREFIX_BYTES } from '../grpc/frames.js';
import type { RecordedEvent } from '../log/event.js';
import { uuidStructured } from './uuid.js';
import { messageType } from './messages.js';

/*
 * The messages that carry a recorded event, written by hand: most of what the node sends is these, and the general
 * encoder takes several times as long. `event-frames.spec.ts` holds them against it.
 */

/** Field numbers and wire types, as they stand before a field. */
const TAG = {
  event: 0x0a,
  recorded: 0x0a,
  id: 0x0a,
  stream: 0x12,
  streamName: 0x1a,
  revision: 0x18,
  prepare: 0x20,
  commit: 0x28,
  metadata: 0x32,
  customMetadata: 0x3a,
  data: 0x42,
  position: 0x18,
  key: 0x0a,
  value: 0x12,
  idText: 0x12,
} as const;

/** What surrounds name, type, data and metadata never takes more. */
const OVERHEAD_BYTES = 320;
const MOST_BYTES_PER_CHARACTER = 3;
/** Created times go over the wire in units of 100 ns. */
const TICK_DIGIT = '0';

/** Encodes events and ready-made frames, in their order, into one piece. */
export const frameAll = (items: readonly (RecordedEvent | Buffer)[], structuredIds: boolean): Buffer => {
  let most = 0;
  for (const item of items) most += Buffer.isBuffer(item) ? item.length : mostBytes(item);
  const out = Buffer.allocUnsafeSlow(most);
  let at = 0;
  for (const item of items) {
    if (Buffer.isBuffer(item)) {
      out.set(item, at);
      at += item.length;
    } else {
      at = putEvent(out, at, item, structuredIds);
    }
  }
  return out.subarray(0, at);
};

const mostBytes = (event: RecordedEvent): number =>
  OVERHEAD_BYTES +
  MOST_BYTES_PER_CHARACTER * (event.stream.length + event.type.length) +
  event.data.length +
  event.metadata.length;

const putEvent = (out: Buffer, start: number, event: RecordedEvent, structuredIds: boolean): number => {
  const { position, revision, data, metadata } = event;
  const stream = streamField(event.stream);
  const kind = kindFields(event.type, event.isJson);
  const id = structuredIds ? structuredId(event.id) : undefined;
  const created = String(event.createdUs) + TICK_DIGIT;
  const positionBytes = varintBytes(position);
  const recordedBytes =
    (id === undefined ? 2 + 2 + ID_CHARACTERS : id.length) +
    stream.length +
    (1 + varintBytes(revision)) +
    2 * (1 + positionBytes) +
    kind.length +
    (2 + CREATED.length + 2 + created.length) +
    bytesField(metadata.length) +
    bytesField(data.length);
  const eventBytes = 1 + varintBytes(recordedBytes) + recordedBytes + 1 + positionBytes;
  const messageBytes = 1 + varintBytes(eventBytes) + eventBytes;
  out[start] = 0;
  let at = out.writeUInt32BE(messageBytes, start + PREFIX_BYTES - 4);
  at = putNumber(out, at, TAG.event, eventBytes);
  at = putNumber(out, at, TAG.recorded, recordedBytes);
  at = id === undefined ? putId(out, at, event.id) : put(out, at, id);
  at = put(out, at, stream);
  at = putNumber(out, at, TAG.revision, revision);
  at = putNumber(out, at, TAG.prepare, position);
  at = putNumber(out, at, TAG.commit, position);
  at = put(out, at, kind);
  at = putNumber(out, at, TAG.metadata, CREATED.length + 2 + created.length);
  at = put(out, at, CREATED);
  at = putAscii(out, putNumber(out, at, TAG.value, created.length), created);
  at = put(out, putNumber(out, at, TAG.customMetadata, metadata.length), metadata);
  at = put(out, putNumber(out, at, TAG.data, data.length), data);
  return putNumber(out, at, TAG.position, position);
};

const put = (out: Buffer, at: number, bytes: Uint8Array): number => {
  out.set(bytes, at);
  return at + bytes.length;
};

/** A tag and a number, which is also how a tag and a length are written. */
const putNumber = (out: Buffer, start: number, tag: number, value: number): number => {
  let at = start;
  let rest = value;
  out[at++] = tag;
  while (rest > 0x7fff_ffff) {
    out[at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  while (rest > 0x7f) {
    out[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  out[at++] = rest;
  return at;
};

const putAscii = (out: Buffer, at: number, text: string): number => {
  for (let index = 0; index < text.length; index++) out[at + index] = text.charCodeAt(index);
  return at + text.length;
};

const ID_CHARACTERS = 36;
const DASH = 0x2d;
const HEX = Buffer.from('0123456789abcdef');

const putId = (out: Buffer, start: number, id: Uint8Array): number => {
  let at = putNumber(out, start, TAG.id, 2 + ID_CHARACTERS);
  at = putNumber(out, at, TAG.idText, ID_CHARACTERS);
  for (let index = 0; index < 16; index++) {
    if (index === 4 || index === 6 || index === 8 || index === 10) out[at++] = DASH;
    const byte = id[index] ?? 0;
    out[at++] = HEX[byte >>> 4] ?? 0;
    out[at++] = HEX[byte & 15] ?? 0;
  }
  return at;
};

const varintBytes = (value: number): number => {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  if (value < 0x1000_0000) return 4;
  return 4 + varintBytes(Math.floor(value / 0x1000_0000));
};

const bytesField = (length: number): number => 1 + varintBytes(length) + length;

const field = (tag: number, content: Uint8Array): Buffer => {
  const head = Buffer.alloc(6);
  return Buffer.concat([head.subarray(0, putNumber(head, 0, tag, content.length)), content]);
};

const entry = (key: string, value: string): Buffer =>
  field(TAG.metadata, Buffer.concat([field(TAG.key, Buffer.from(key)), field(TAG.value, Buffer.from(value))]));

const CREATED = field(TAG.key, Buffer.from('created'));

/** Encodes what comes again and again once; forgets everything when it has become too much. */
const remembered = (encode: (text: string) => Buffer): ((text: string) => Buffer) => {
  const known = new Map<string, Buffer>();
  return (text) => {
    let bytes = known.get(text);
    if (bytes === undefined) {
      if (known.size >= REMEMBERED) known.clear();
      bytes = encode(text);
      known.set(text, bytes);
    }
    return bytes;
  };
};

const REMEMBERED = 500;

const streamField = remembered((name) => field(TAG.stream, field(TAG.streamName, Buffer.from(name))));
const jsonKind = remembered((type) => Buffer.concat([entry('type', type), entry('content-type', 'application/json')]));
const binaryKind = remembered((type) =>
  Buffer.concat([entry('type', type), entry('content-type', 'application/octet-stream')]),
);
const kindFields = (type: string, isJson: boolean): Buffer => (isJson ? jsonKind(type) : binaryKind(type));

const uuid = messageType('event_store.client.UUID');
const structuredId = (id: Uint8Array): Buffer => field(TAG.id, uuid.encode(uuidStructured(id)).finish());
