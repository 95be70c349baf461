import { randomUUID } from 'node:crypto';
import { jsonEvent, type AppendExpectedRevision, type EventStoreDBClient } from '@eventstore/db-client';

export interface Acknowledged {
  readonly stream: string;
  readonly id: string;
  readonly revision: number;
  readonly position: number;
}

const PATIENCE_MS = 1_000;
const PAUSE_MS = 10;

/**
 * Appends to one stream, one append after the other, and never gives one up: what is not acknowledged is repeated by
 * the same ids, whatever happens to the node meanwhile. The client has no deadline of its own for such appends.
 */
export class Writer {
  readonly acknowledged: Acknowledged[] = [];
  /** Appends that were repeated at least once. */
  repeated = 0;
  private readonly client: EventStoreDBClient;
  private readonly stream: string;
  private readonly groupSize: number;
  private readonly exact: boolean;
  private stopped = false;

  constructor(client: EventStoreDBClient, stream: string, options: { groupSize: number; exact: boolean }) {
    this.client = client;
    this.stream = stream;
    this.groupSize = options.groupSize;
    this.exact = options.exact;
  }

  /** The append that is under way is still seen through. */
  stop(): void {
    this.stopped = true;
  }

  async run(): Promise<void> {
    while (!this.stopped) await this.appendOnce();
  }

  private async appendOnce(): Promise<void> {
    const events = Array.from({ length: this.groupSize }, () =>
      jsonEvent({ id: randomUUID(), type: 'simulation.Written', data: { padding: 'x'.repeat(300) } }),
    );
    for (let attempt = 0; ; attempt++) {
      const answer = await this.attempt(events).catch(() => undefined);
      if (attempt === 1) this.repeated += 1;
      if (answer === undefined) {
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        continue;
      }
      const first = 1 - events.length;
      this.acknowledged.push(
        ...events.map(({ id }, index) => ({
          stream: this.stream,
          id,
          revision: answer.revision + first + index,
          position: answer.position + first + index,
        })),
      );
      return;
    }
  }

  private async attempt(events: ReturnType<typeof jsonEvent>[]): Promise<{ revision: number; position: number }> {
    const { promise: patience, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error('no answer')), PATIENCE_MS);
    try {
      const expectedRevision = this.expectation();
      const appended = this.client.appendToStream(this.stream, events, { expectedRevision });
      const { nextExpectedRevision, position } = await Promise.race([appended, patience]);
      return { revision: Number(nextExpectedRevision), position: Number(position?.commit) };
    } finally {
      clearTimeout(timer);
    }
  }

  private expectation(): AppendExpectedRevision {
    const last = this.acknowledged.at(-1);
    if (!this.exact) return 'any';
    return last === undefined ? 'no_stream' : BigInt(last.revision);
  }
}
