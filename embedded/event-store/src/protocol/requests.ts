import type { Expected } from '../log/expected-revision.js';

/** What the decoder makes of a 64-bit number. */
export type Wide = number | { toNumber(): number; toString(): string };

/*
 * Decoded messages: what is absent is null for a message, 0 for a number, empty for text, bytes and lists.
 * A name such as `expected` or `streamOption` says which of several fields is there.
 */

export interface WireUuid {
  readonly string: string;
  readonly structured: { readonly mostSignificantBits: Wide; readonly leastSignificantBits: Wide } | null;
}
export interface WireStream {
  readonly streamName: Uint8Array;
}
export interface WireProposed {
  readonly id: WireUuid | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly customMetadata: Uint8Array;
  readonly data: Uint8Array;
}
export interface WireAppendOptions {
  readonly streamIdentifier: WireStream | null;
  readonly expected?: 'revision' | 'streamPosition' | 'noStream' | 'any' | 'streamExists';
  readonly revision: Wide;
  readonly streamPosition: Wide;
}
export interface WireSpan {
  readonly seconds: Wide;
  readonly nanos: number;
}
export interface AppendRequest {
  readonly options: WireAppendOptions | null;
  readonly proposedMessage: WireProposed | null;
}
export interface BatchAppendRequest {
  readonly correlationId: WireUuid | null;
  readonly options:
    (WireAppendOptions & { readonly deadlineAt: WireSpan | null; readonly deadlineIn: WireSpan | null }) | null;
  readonly proposedMessages: readonly WireProposed[];
  readonly isFinal: boolean;
}
export interface WireExpression {
  readonly regex: string;
  readonly prefix: readonly string[];
}
export interface WireFilter {
  readonly streamIdentifier: WireExpression | null;
  readonly eventType: WireExpression | null;
  readonly max: number;
  readonly checkpointIntervalMultiplier: number;
}
export interface StreamOptions {
  readonly streamIdentifier: WireStream | null;
  readonly from?: 'revision' | 'start' | 'end';
  readonly revision: Wide;
}
export interface AllOptions {
  readonly from?: 'position' | 'start' | 'end';
  readonly position: { readonly commitPosition: Wide } | null;
}
export interface ReadOptions {
  readonly stream: StreamOptions | null;
  readonly all: AllOptions | null;
  readonly readDirection: number;
  readonly countOption?: 'count' | 'subscription';
  readonly count: Wide;
  readonly filter: WireFilter | null;
  readonly uuidOption: { readonly content?: 'structured' | 'string' } | null;
}

/** Clients write "end" as the largest 64-bit number; everything beyond exact numbers means the same. */
export const numberOf = (wide: Wide): number => {
  const value = typeof wide === 'number' ? wide : wide.toNumber();
  return value > Number.MAX_SAFE_INTEGER ? Infinity : value;
};

export const millisecondsOf = (span: WireSpan): number => numberOf(span.seconds) * 1000 + span.nanos / 1e6;

export const streamNameOf = (stream: WireStream | null | undefined): string =>
  stream ? Buffer.from(stream.streamName).toString('utf8') : '';

export const wireStream = (name: string): { streamName: Buffer } => ({ streamName: Buffer.from(name, 'utf8') });

export const expectedOf = (options: WireAppendOptions): Expected => {
  const { expected = 'any' } = options;
  switch (expected) {
    case 'noStream':
    case 'any':
    case 'streamExists':
      return expected;
    case 'revision':
      return numberOf(options.revision);
    case 'streamPosition':
      return numberOf(options.streamPosition);
  }
};
