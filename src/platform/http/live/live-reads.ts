import { PassThrough } from 'node:stream';
import type { OnModuleDestroy } from '@nestjs/common';
import { refusal } from '../../../kernel/refusal.js';
import { type ReadModels, ReadModelBehind } from '../../projections/read-models.js';
import { Refused } from '../refused.js';
import { changesSince, eventIdOf, marksOf, snapshotOf } from './changes.js';

export type Limits = Readonly<{
  perClientMax: number;
  max: number;
  pollMs: number;
  /** How often it is asked whether the client may still look. */
  checkMs: number;
  heartbeatMs: number;
  /** What may wait for a client that does not read. */
  waitingMaxBytes: number;
}>;

export const LIMITS: Omit<Limits, 'heartbeatMs'> = {
  perClientMax: 6,
  max: 500,
  pollMs: 200,
  checkMs: 1_000,
  waitingMaxBytes: 256 * 1024,
};

/** Who looks on: a session or a program, by what proves it. */
export type Client = Readonly<{ kind: 'session' | 'program'; token: string }>;
/** Of those given, the ones that are still in force. */
export type StillIn = (kind: Client['kind'], tokens: readonly string[]) => Promise<ReadonlySet<string>>;

export type LiveRead = Readonly<{
  client: Client;
  /** The read models that the answer is made of. */
  models: readonly string[];
  idField: string;
  /** The answer as it would be now. */
  read: () => Promise<unknown>;
  lastEventId: string | null;
}>;

type Watcher = LiveRead & {
  out: PassThrough;
  marks: readonly string[] | null;
  seen: string | null;
  busy: boolean;
};

/**
 * Reads that go on: the same read is asked again whenever one of its read models has moved, and what differs is told. So a
 * stream says what a poll would have said, to nobody who could not have polled, and works in every process alike.
 */
export class LiveReads implements OnModuleDestroy {
  private readonly watchers = new Set<Watcher>();
  private timers: NodeJS.Timeout[] = [];
  private draining = false;

  constructor(
    private readonly readModels: Pick<ReadModels, 'positions'>,
    private readonly stillIn: StillIn,
    private readonly limits: Limits,
  ) {}

  get open(): number {
    return this.watchers.size;
  }

  /** The first answer comes before the stream, so that whatever is refused is refused as always. */
  async start(live: LiveRead): Promise<PassThrough> {
    this.assertRoom(live.client);
    const marks = live.lastEventId === null ? null : marksOf(live.lastEventId);
    const watcher: Watcher = { ...live, out: new PassThrough(), marks, seen: null, busy: true };
    // Counted from here on: many that begin at once must not all find room.
    this.watchers.add(watcher);
    watcher.out.once('close', () => this.forget(watcher));
    try {
      const body = await live.read();
      watcher.out.write('retry: 2000\n\n');
      this.tell(watcher, body);
    } catch (error) {
      this.forget(watcher);
      throw error;
    }
    watcher.busy = false;
    if (this.timers.length === 0) this.wakeUp();
    return watcher.out;
  }

  /** Says goodbye to everybody; their browsers come back by themselves, to whoever answers then. */
  onModuleDestroy(): void {
    this.draining = true;
    for (const watcher of [...this.watchers]) this.end(watcher, 'restart');
  }

  private assertRoom({ token }: Client): void {
    if (this.draining) throw new ReadModelBehind('the service is stopping');
    const mine = [...this.watchers].filter(({ client }) => client.token === token).length;
    if (mine >= this.limits.perClientMax || this.watchers.size >= this.limits.max)
      throw new Refused(refusal('TOO_MANY_STREAMS', { max: this.limits.perClientMax }));
  }

  private wakeUp(): void {
    const every = (ms: number, work: () => Promise<void> | void) => {
      let running = false;
      return setInterval(() => {
        if (running) return;
        running = true;
        // A store that does not answer is told by readiness; the streams wait for it.
        void Promise.resolve(work())
          .catch(() => undefined)
          .finally(() => (running = false));
      }, ms);
    };
    this.timers = [
      every(this.limits.pollMs, () => this.look()),
      every(this.limits.checkMs, () => this.check()),
      every(this.limits.heartbeatMs, () => this.beat()),
    ];
  }

  private async look(): Promise<void> {
    const positions = await this.readModels.positions();
    for (const watcher of this.watchers) {
      const seen = watcher.models.map((name) => positions.get(name) ?? '').join();
      if (watcher.busy || watcher.seen === seen) continue;
      watcher.busy = true;
      void this.again(watcher, seen).finally(() => (watcher.busy = false));
    }
  }

  private async again(watcher: Watcher, seen: string): Promise<void> {
    try {
      this.tell(watcher, await watcher.read());
      watcher.seen = seen;
    } catch (error) {
      // Not there any more, or not for this client. Everything else is tried again at the next look.
      if (error instanceof Refused) this.end(watcher, 'gone');
    }
  }

  private tell(watcher: Watcher, body: unknown): void {
    const snapshot = snapshotOf(body, watcher.idField);
    const changes = changesSince(watcher.marks, snapshot);
    watcher.marks = snapshot.map(({ mark }) => mark);
    const id = eventIdOf(snapshot);
    for (const [index, { event, data }] of changes.entries()) {
      // Whoever is cut off between two of them must be told both again, so only the last one carries the id.
      const last = index === changes.length - 1 ? `id: ${id}\n` : '';
      this.write(watcher, `${last}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    }
  }

  private async check(): Promise<void> {
    for (const kind of ['session', 'program'] as const) {
      const theirs = [...this.watchers].filter(({ client }) => client.kind === kind);
      if (theirs.length === 0) continue;
      const tokens = [...new Set(theirs.map(({ client }) => client.token))];
      const alive = await this.stillIn(kind, tokens);
      for (const watcher of theirs) if (!alive.has(watcher.client.token)) this.end(watcher, 'loggedOut');
    }
  }

  private beat(): void {
    for (const watcher of this.watchers) this.write(watcher, ': still here\n\n');
  }

  private write({ out }: Watcher, text: string): void {
    if (out.writableLength + out.readableLength > this.limits.waitingMaxBytes) out.destroy();
    else out.write(text);
  }

  private end(watcher: Watcher, reason: 'gone' | 'loggedOut' | 'restart'): void {
    this.forget(watcher);
    watcher.out.end(`event: end\ndata: ${JSON.stringify({ reason })}\n\n`);
  }

  private forget(watcher: Watcher): void {
    this.watchers.delete(watcher);
    if (this.watchers.size > 0) return;
    for (const timer of this.timers) clearInterval(timer);
    this.timers = [];
  }
}
