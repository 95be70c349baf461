import type { DatabaseSync } from 'node:sqlite';
import { damageIn, DamagedFile, isDiskFailure } from '@shomei/embedded-kit';
import { CHECKED_AT_START, PAGE_BYTES } from '../limits.js';
import { checksum } from './checksum.js';
import { CommitFeed } from './commit-feed.js';
import { sizeOf, type NewEvent, type RecordedEvent } from './event.js';
import { judge, type Expected, type StreamPast } from './expected-revision.js';
import { CommitFailed, GroupCommit } from './group-commit.js';
import { openLogFile } from './log-file.js';
import type { Query } from './query.js';
import { RecentEvents } from './recent-events.js';
import { wholeEventOf, type EventRow } from './rows.js';
import { prepareStatements, type Statements } from './statements.js';
import { StreamDirectory, type StreamState } from './stream-directory.js';

export type AppendOutcome =
  | { readonly kind: 'appended'; readonly lastRevision: number; readonly position: number }
  | { readonly kind: 'conflict'; readonly actualRevision: number };

/** The log has been closed; who still asks comes too late. */
export class LogClosed extends Error {
  override readonly name = 'LogClosed';
}

export interface EventLogOptions {
  readonly file: string;
  /** The file's largest size; SQLite answers "full" beyond it. Unlimited unless given. */
  readonly maxPages?: number;
}

const EMPTY = new Uint8Array();

/** The whole log in one SQLite file: appends in groups, reads in pages, and never an answer ahead of the disk. */
export class EventLog {
  readonly feed = new CommitFeed();
  private readonly db: DatabaseSync;
  private readonly group: GroupCommit;
  private readonly streams: StreamDirectory;
  private readonly recent = new RecentEvents();
  private readonly sql: Statements;
  /** Written in the open transaction, not yet committed. */
  private fresh: RecordedEvent[] = [];
  private nextPosition: number;
  private committedHead: number;
  /** Why nothing is served any more. */
  private unusable: DamagedFile | LogClosed | undefined;

  constructor({ file, maxPages }: EventLogOptions) {
    this.db = openLogFile(file);
    if (maxPages !== undefined) this.db.exec(`PRAGMA max_page_count = ${maxPages}`);
    // Without it a REPLACE would remove a row past the trigger that forbids removing.
    this.db.exec('PRAGMA recursive_triggers = ON');
    this.sql = prepareStatements(this.db);
    this.streams = new StreamDirectory(this.db);
    this.group = new GroupCommit(this.db, {
      committed: () => this.publish(),
      abandoned: (cause, rolledBack) => this.forget(cause, rolledBack),
    });
    this.committedHead = this.headOnDisk();
    this.nextPosition = this.committedHead + 1;
    this.guard(() => this.refuseGaps());
    this.guard(() => this.before(this.nextPosition, CHECKED_AT_START));
  }

  /** Position of the last committed event, 0 when there is none. */
  get head(): number {
    return this.committedHead;
  }

  append(stream: string, expected: Expected, events: readonly NewEvent[]): Promise<AppendOutcome> {
    if (this.unusable !== undefined) return Promise.reject(this.unusable);
    return this.group.submit(() => this.guard(() => this.decide(this.streams.find(stream), expected, events)));
  }

  /** Revision of the stream's last committed event, -1 when there is none. */
  lastRevision(stream: string): number {
    return this.guard(() => this.streams.find(stream).last);
  }

  /** Events behind `position`, oldest first. An empty page means the end. */
  after(position: number, limit: number): RecordedEvent[] {
    const usable = this.unusable === undefined;
    if (usable && position >= this.head) return [];
    const recent = usable ? this.recent.after(position, limit) : undefined;
    if (recent !== undefined) return recent;
    return this.page(this.sql.after, [position, limit], (event, index) => event.position === position + 1 + index);
  }

  /** Events before `position`, newest first. */
  before(position: number, limit: number): RecordedEvent[] {
    const from = Math.min(position, this.head + 1);
    if (this.unusable === undefined && from <= 1) return [];
    return this.page(this.sql.before, [from, limit], (event, index) => event.position === from - 1 - index);
  }

  streamFrom(stream: string, revision: number, limit: number): RecordedEvent[] {
    const state = this.guard(() => this.streams.find(stream));
    if (revision > state.last) return [];
    return this.page(this.sql.streamFrom, [state.id, revision, limit], (event, i) => event.revision === revision + i);
  }

  /** The stream's events from `revision` back, newest first. */
  streamBack(stream: string, revision: number, limit: number): RecordedEvent[] {
    const state = this.guard(() => this.streams.find(stream));
    const from = Math.min(revision, state.last);
    if (from < 0) return [];
    return this.page(this.sql.streamBack, [state.id, from, limit], (event, index) => event.revision === from - index);
  }

  close(): void {
    this.group.flush();
    this.giveUp(new LogClosed('the log is closed'));
    this.db.close();
  }

  private decide(stream: StreamState, expected: Expected, events: readonly NewEvent[]): AppendOutcome {
    const ids = events.map((event) => event.id);
    const verdict = judge(expected, ids, this.pastOf(stream));
    switch (verdict.kind) {
      case 'append':
        return this.write(stream, events);
      case 'recorded':
        return {
          kind: 'appended',
          lastRevision: verdict.lastRevision,
          position: this.positionAt(stream, verdict.lastRevision),
        };
      case 'conflict':
        return { kind: 'conflict', actualRevision: stream.last };
    }
  }

  private pastOf(stream: StreamState): StreamPast {
    return {
      last: stream.last,
      revisionOf: (eventId) => this.sql.revisionOf.first(eventId, stream.id)?.[0],
      eventIdAt: (revision) => this.sql.at.first(stream.id, revision)?.[0],
    };
  }

  private positionAt(stream: StreamState, revision: number): number {
    const row = this.sql.at.first(stream.id, revision);
    if (row === undefined) throw new DamagedFile(`event ${revision} of stream ${stream.name} is missing`);
    return row[1];
  }

  private write(stream: StreamState, events: readonly NewEvent[]): AppendOutcome {
    if (events.length > 0) this.streams.ensureStored(stream);
    for (const event of events) {
      const recorded: RecordedEvent = {
        ...event,
        position: this.nextPosition,
        stream: stream.name,
        revision: stream.last + 1,
        createdUs: Date.now() * 1000,
      };
      this.insert(stream.id, recorded);
      stream.last = recorded.revision;
      this.nextPosition += 1;
      this.fresh.push(recorded);
    }
    return { kind: 'appended', lastRevision: stream.last, position: this.nextPosition - 1 };
  }

  private insert(streamId: number, event: RecordedEvent): void {
    this.sql.insert.run(
      event.position,
      streamId,
      event.revision,
      event.id,
      event.type,
      event.isJson ? 1 : 0,
      event.createdUs,
      // A Uint8Array of length 0 without memory of its own would be stored as NULL.
      event.data.length > 0 ? event.data : EMPTY,
      event.metadata.length > 0 ? event.metadata : EMPTY,
      checksum(event),
    );
  }

  private publish(): void {
    const committed = this.fresh;
    if (committed.length === 0) return;
    this.fresh = [];
    this.committedHead = this.nextPosition - 1;
    this.recent.push(committed);
    this.feed.publish(committed);
  }

  /** Memory goes back to what the disk says, whatever became of the failed commit. Returns what the waiting are told. */
  private forget(cause: Error, rolledBack: boolean): Error {
    this.fresh = [];
    this.streams.forgetAll();
    this.recent.clear();
    // After a failed sync nobody knows what the disk holds of the group, and an open transaction would be served as if
    // it were committed: in both cases only a new start, which reads the file afresh, can be trusted.
    if (!rolledBack || isDiskFailure(cause)) this.giveUp(diskFailed(cause));
    else this.giveUpIfDamaged(cause);
    if (this.unusable === undefined) this.readHeadAgain();
    this.nextPosition = this.committedHead + 1;
    return this.unusable ?? new CommitFailed(`nothing was stored: ${cause.message}`, { cause });
  }

  private readHeadAgain(): void {
    try {
      this.committedHead = this.headOnDisk();
    } catch (error) {
      this.giveUp(diskFailed(error as Error));
    }
  }

  /**
   * An event that is gone from the end of its stream would be missed by nobody who reads that stream. Counting an index
   * takes some milliseconds for a million events.
   */
  private refuseGaps(): void {
    const [count] = this.sql.count.first() ?? [0];
    if (count === this.committedHead) return;
    throw new DamagedFile(`the log ends at position ${this.committedHead} but holds ${count} events: some are missing`);
  }

  private headOnDisk(): number {
    return this.guard(() => this.sql.head.first()?.[0] ?? 0);
  }

  private page(
    query: Query<EventRow>,
    parameters: number[],
    follows: (event: RecordedEvent, index: number) => boolean,
  ) {
    return this.guard(() => {
      const events: RecordedEvent[] = [];
      let bytes = 0;
      for (const row of query.rows(...parameters)) {
        const event = wholeEventOf(row);
        if (!follows(event, events.length)) throw new DamagedFile(`the log has a gap before event ${event.position}`);
        events.push(event);
        bytes += sizeOf(event);
        if (bytes >= PAGE_BYTES) break;
      }
      if (events.length === 0) throw new DamagedFile('events that were recorded are missing');
      return events;
    });
  }

  /** The first sign of damage closes the log: better no answer than half of one. */
  private guard<Result>(read: () => Result): Result {
    if (this.unusable !== undefined) throw this.unusable;
    try {
      return read();
    } catch (error) {
      this.giveUpIfDamaged(error);
      throw this.unusable ?? error;
    }
  }

  private giveUpIfDamaged(error: unknown): void {
    const damage = damageIn(error);
    if (damage !== undefined) this.giveUp(damage);
  }

  /** From here on every call is told why, and so are the subscriptions that are waiting for news. */
  private giveUp(why: DamagedFile | LogClosed): void {
    this.unusable ??= why;
    this.feed.wakeAll();
  }
}

const diskFailed = ({ message }: Error): DamagedFile =>
  new DamagedFile(`the disk failed (${message}): what was waiting may or may not be stored; start the node again`);
