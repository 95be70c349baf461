/** What the suite says to an event store, in words that belong to no client. An adapter translates. */

export type Expectation = 'any' | 'noStream' | 'streamExists' | bigint;
export type From = 'start' | 'end' | bigint;

export interface Proposed {
  readonly id: string;
  readonly type: string;
  /** A value is written as JSON, bytes as they are. */
  readonly data: unknown;
  readonly metadata?: unknown;
}

export interface Recorded extends Proposed {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly isJson: boolean;
  readonly created: Date;
}

export interface Appended {
  /** Of the last event appended. */
  readonly revision: bigint;
  readonly position: bigint;
}

export interface AppendChoice {
  readonly expect?: Expectation;
  /** The protocol knows two ways to append; the official clients take the classic one for calls with a credential. */
  readonly way?: 'batch' | 'classic';
  /** Splits an append over several messages of about so many bytes. */
  readonly messageBytes?: number;
}

export interface ReadChoice {
  readonly from?: From;
  readonly backwards?: boolean;
  readonly count?: number;
}

export interface FilterChoice {
  readonly on: 'stream' | 'type';
  readonly prefixes?: readonly string[];
  readonly regex?: string;
  /** Searched events between two checkpoints, in steps of `window`. */
  readonly checkpointEvery?: number;
  readonly window?: number;
}

export interface Subscription {
  readonly events: Recorded[];
  readonly checkpoints: bigint[];
  readonly caughtUp: number;
  readonly failure: Refused | undefined;
  /** Resolves as soon as the condition holds; looked at whenever something has arrived. */
  until(condition: (subscription: Subscription) => boolean): Promise<void>;
  stop(): Promise<void>;
}

export interface Connection {
  append(stream: string, events: readonly Proposed[], choice?: AppendChoice): Promise<Appended>;
  readStream(stream: string, choice?: ReadChoice): Promise<Recorded[]>;
  readAll(choice?: ReadChoice): Promise<Recorded[]>;
  subscribeToStream(stream: string, from?: From): Subscription;
  subscribeToAll(from?: From, filter?: FilterChoice): Subscription;
  metadataOf(stream: string): Promise<unknown>;
  setMetadata(stream: string, metadata: object): Promise<unknown>;
  delete(stream: string): Promise<unknown>;
  tombstone(stream: string): Promise<unknown>;
  createPersistentSubscription(stream: string, group: string): Promise<unknown>;
  close(): Promise<void>;
}

/** An answer other than success. */
export class Refused extends Error {
  override readonly name = 'Refused';
  /** The client's own word for it, such as `wrong-expected-version`. */
  readonly kind: string;
  /** gRPC status, where the client tells it. */
  readonly code: number | undefined;
  readonly actual: bigint | 'noStream' | undefined;

  constructor(kind: string, message: string, code?: number, actual?: bigint | 'noStream') {
    super(message);
    this.kind = kind;
    this.code = code;
    this.actual = actual;
  }
}

/** An event store to be judged, and how to reach it. */
export interface Engine {
  readonly connectionString: string;
  connect(connectionString: string): Connection;
}
