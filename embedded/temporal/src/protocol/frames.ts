import { api, type HistoryEvent } from './messages.js';

/**
 * A frame is one event encoded as field 1 of `History`. History is stored and sent as concatenated
 * frames, so that a reply never decodes and re-encodes what it only passes on.
 */
export type Frame = Buffer;

const EVENTS_FIELD = 0x0a;

export function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value & 127) | 128);
  bytes.push(value);
  return Buffer.from(bytes);
}

function readVarint(bytes: Buffer, offset: number): [value: number, next: number] {
  let value = 0;
  let scale = 1;
  for (;;) {
    const byte = bytes[offset++];
    if (byte === undefined) throw new RangeError('history frame cut short');
    value += (byte & 127) * scale;
    if (byte < 128) return [value, offset];
    scale *= 128;
  }
}

export function toFrame(event: HistoryEvent): Frame {
  const body = api.history.v1.HistoryEvent.encode(event).finish();
  return Buffer.concat([Buffer.from([EVENTS_FIELD]), varint(body.length), body]);
}

export function fromFrame(frame: Frame): HistoryEvent {
  const [, start] = readVarint(frame, 1);
  return api.history.v1.HistoryEvent.decode(frame.subarray(start));
}

export function splitFrames(bytes: Buffer): Frame[] {
  const frames: Frame[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const [length, start] = readVarint(bytes, offset + 1);
    frames.push(bytes.subarray(offset, start + length));
    offset = start + length;
  }
  return frames;
}

/** A length-delimited field holding bytes that are encoded already. */
export function bytesField(field: number, parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([varint(field * 8 + 2), varint(length), ...parts]);
}
