import { failure, status, type Failure } from './status.js';

/** Before each message: a byte that says whether it is compressed, and four with its length. */
export const PREFIX_BYTES = 5;

export const framed = (message: Uint8Array): Buffer => {
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, PREFIX_BYTES);
  return frame;
};

/** Finds the messages in what arrives in pieces. */
export class Deframer {
  private readonly maxBytes: number;
  private pieces: Buffer[] = [];
  private held = 0;
  /** Bytes that have to be here before it is worth putting the pieces together. */
  private needed = PREFIX_BYTES;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Hands on each message that is complete. Returns why the call cannot go on, if it cannot. */
  push(chunk: Buffer, take: (message: Buffer) => void): Failure | undefined {
    let bytes = chunk;
    if (this.held > 0) {
      this.keep(chunk);
      if (this.held < this.needed) return undefined;
      bytes = Buffer.concat(this.pieces);
      this.drop();
    }
    let start = 0;
    this.needed = PREFIX_BYTES;
    while (bytes.length - start >= PREFIX_BYTES) {
      const end = start + PREFIX_BYTES + bytes.readUInt32BE(start + 1);
      const refused = this.judge(bytes[start], end - start - PREFIX_BYTES);
      if (refused !== undefined) return refused;
      if (end > bytes.length) {
        this.needed = end - start;
        break;
      }
      take(bytes.subarray(start + PREFIX_BYTES, end));
      start = end;
    }
    if (start < bytes.length) this.keep(start === 0 ? bytes : bytes.subarray(start));
    return undefined;
  }

  /** Whether a message has begun that is not complete. */
  get isAmidMessage(): boolean {
    return this.held > 0;
  }

  drop(): void {
    this.pieces = [];
    this.held = 0;
  }

  private keep(piece: Buffer): void {
    this.pieces.push(piece);
    this.held += piece.length;
  }

  private judge(compressed: number | undefined, length: number): Failure | undefined {
    if (compressed !== 0) return failure(status.UNIMPLEMENTED, 'compressed messages are not implemented by this node');
    if (length <= this.maxBytes) return undefined;
    return failure(status.RESOURCE_EXHAUSTED, `a message may have ${this.maxBytes} bytes`);
  }
}
