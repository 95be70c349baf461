import type { NewEvent, Position, Recorded } from './recorded.js';

/** Someone else appended first; the caller re-reads and decides anew. */
export class WrongExpectedRevision extends Error {
  override readonly name = 'WrongExpectedRevision';
}

/** The store did not answer in time or at all. Whether an append happened is unknown: repeat it with the same ids. */
export class EventStoreUnavailable extends Error {
  override readonly name = 'EventStoreUnavailable';
}

/** An event that breaks its schema, whose type nobody knows, or that a follower could not handle. */
export type Undecodable = Readonly<{
  id: string;
  type: string;
  stream: string;
  revision: number;
  position: Position;
  fault: string;
  /** What it holds, by name alone. */
  fields: readonly string[];
}>;

export type Delivered =
  Readonly<{ recorded: Recorded; fault?: undefined }> | Readonly<{ recorded?: undefined; fault: Undecodable }>;

/** Nothing that concerns the follower lies before this position, beside what was handed out already. */
export type Passed = Readonly<{ passed: Position }>;
export type Handed = Delivered | Passed;

export const positionOf = (handed: Handed): Position =>
  'passed' in handed ? handed.passed : (handed.recorded ?? handed.fault).position;

export type EventFeed<T extends Handed = Delivered> = Readonly<{
  /** In the order of the store; ends when stopped, throws when the store goes away. */
  events: AsyncIterable<T>;
  /** Called when everything that was there has been handed out, and again after falling behind. */
  onCaughtUp: (listener: () => void) => void;
  /** Whether everything that has arrived has been handed out. */
  isDrained: () => boolean;
  /** What may be had at once behind what was handed out last; a feed need not know. */
  takeWaiting?: (max: number) => readonly T[];
  stop: () => Promise<void>;
}>;

const counted = (position: Position): readonly bigint[] => position.split('/').map(BigInt);

/** Whether the store counted the one behind the other. */
export const isLater = (position: Position, than: Position): boolean => {
  const [commit, prepare = 0n] = counted(position);
  const [thanCommit, thanPrepare = 0n] = counted(than);
  return commit! === thanCommit! ? prepare > thanPrepare : commit! > thanCommit!;
};

/** The product's whole view of an event store. */
export abstract class EventStore {
  abstract read(stream: string, fromRevision?: number): Promise<readonly Recorded[]>;
  /** Everything in a stream, also what cannot be read; for whoever looks for a fault, never for a decision. */
  abstract look(stream: string): Promise<readonly Delivered[]>;
  /** `expected` is the last revision, -1 for a new stream. Answers the last revision written. */
  abstract append(stream: string, expected: number, events: readonly NewEvent[]): Promise<number>;
  abstract feed(after: Position | null, typePrefixes: readonly string[]): EventFeed;
  /** Where the newest event of all stands; null where there is none. */
  abstract newest(): Promise<Position | null>;
  /** For readiness: resolves when the store itself answers. */
  abstract ping(): Promise<void>;
  abstract close(): Promise<void>;
}
