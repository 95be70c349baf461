import { join } from 'node:path';
import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import { openDurableFile } from '@shomei/embedded-kit';
import { isOpen, type Run } from '../engine/run.js';
import { searchValues, type SearchAttributeTypes } from '../engine/search-attributes.js';
import { splitFrames, type Frame } from '../protocol/frames.js';
import { LargeParts } from './large-parts.js';
import { APPLICATION_ID, migrations } from './schema.js';
import { loadRun, writeFields, writeState, type RunRow } from './snapshot.js';

const FILE = 'temporal.sqlite';

/** The place of open runs in lists: after every time of closing. */
const ALWAYS_FIRST = Number.MAX_SAFE_INTEGER;

/**
 * A run that started a thousand timers at once must not hold a thousand events in memory until it wakes, and a hundred
 * thousand that wait must not hold their inputs.
 */
const LONGEST_TAIL = 16;
const LARGEST_TAIL_BYTES = 4096;

const isTailLong = ({ tail }: Run): boolean =>
  tail.length > LONGEST_TAIL || tail.reduce((sum, frame) => sum + frame.length, 0) > LARGEST_TAIL_BYTES;

const dropTail = (run: Run): void => {
  run.tail = [];
  run.tailFrom = run.nextEventId;
};

const statementsOf = (db: DatabaseSync) => ({
  begin: db.prepare('BEGIN IMMEDIATE'),
  commit: db.prepare('COMMIT'),
  insertRun: db.prepare(
    `INSERT INTO runs (row, run_id, namespace, workflow_id, workflow_type, task_queue, status, start_ms, execution_ms,
       close_ms, order_ms, history_length, history_bytes, birth, state, memo, search_attributes)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ),
  updateRun: db.prepare('UPDATE runs SET history_length = ?, history_bytes = ?, state = ? WHERE row = ?'),
  closeRun: db.prepare('UPDATE runs SET status = ?1, close_ms = ?2, order_ms = ?2 WHERE row = ?3'),
  updateFields: db.prepare('UPDATE runs SET memo = ?, search_attributes = ? WHERE row = ?'),
  insertEvents: db.prepare('INSERT INTO events (run, first_id, frames) VALUES (?, ?, ?)'),
  clearSearch: db.prepare('DELETE FROM search_attributes WHERE run = ?'),
  insertSearch: db.prepare('INSERT INTO search_attributes (run, name, value) VALUES (?, ?, ?)'),
  insertRequest: db.prepare('INSERT OR IGNORE INTO requests (run, request_id) VALUES (?, ?)'),
  clearRequests: db.prepare('DELETE FROM requests WHERE run = ?'),
  hasRequest: db.prepare('SELECT 1 FROM requests WHERE run = ? AND request_id = ?'),
  setSetting: db.prepare('INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value'),
  getSetting: db.prepare('SELECT value FROM settings WHERE name = ?'),
  // The row that holds `from` starts at or before it.
  events: db.prepare(
    `SELECT first_id, frames FROM events WHERE run = ?1 AND first_id <= ?3
       AND first_id >= coalesce((SELECT max(first_id) FROM events WHERE run = ?1 AND first_id <= ?2), ?2)
     ORDER BY first_id`,
  ),
  byRunId: db.prepare('SELECT * FROM runs WHERE run_id = ?'),
  latest: db.prepare('SELECT * FROM runs WHERE namespace = ? AND workflow_id = ? ORDER BY row DESC LIMIT 1'),
  openRuns: db.prepare('SELECT * FROM runs WHERE status = 1 ORDER BY row'),
  closedBefore: db.prepare('SELECT row FROM runs WHERE close_ms < ? ORDER BY close_ms LIMIT ?'),
  lastRow: db.prepare('SELECT coalesce(max(row), 0) AS row FROM runs'),
});

/**
 * One SQLite file. Runs change in memory first; all changes of one turn of the event loop go to disk in one
 * transaction, and nothing of them is told to anybody before it is committed.
 */
export class Store {
  readonly #db: DatabaseSync;
  readonly #sql: ReturnType<typeof statementsOf>;
  readonly #largeParts: LargeParts;
  readonly #types: SearchAttributeTypes;
  readonly #onBroken: (error: Error) => void;
  #changed = new Set<Run>();
  #settings = new Map<string, string>();
  #afterCommit: (() => void)[] = [];
  #tick: NodeJS.Immediate | undefined;
  #broken = false;
  #nextRow: number;
  commits = 0;

  /** `onBroken` is told when a commit failed: the node must end, as its memory is ahead of the disk. */
  constructor(folder: string, types: SearchAttributeTypes, onBroken: (error: Error) => void) {
    this.#db = openDurableFile({ file: join(folder, FILE), applicationId: APPLICATION_ID, migrations });
    this.#db.exec('PRAGMA wal_autocheckpoint = 4000; PRAGMA temp_store = MEMORY');
    this.#sql = statementsOf(this.#db);
    this.#largeParts = new LargeParts(this.#db);
    this.#types = types;
    this.#onBroken = onBroken;
    this.#nextRow = Number(this.#sql.lastRow.get()?.['row']) + 1;
  }

  get database(): DatabaseSync {
    return this.#db;
  }

  newRow(): number {
    return this.#nextRow++;
  }

  /** The run's state changed. */
  touch(run: Run): void {
    this.#changed.add(run);
    this.#schedule();
  }

  append(run: Run, frame: Frame): void {
    run.unsaved.frames.push(frame);
    this.touch(run);
  }

  set(name: string, value: string): void {
    this.#settings.set(name, value);
    this.#schedule();
  }

  get(name: string): string | undefined {
    return this.#settings.get(name) ?? (this.#sql.getSetting.get(name)?.['value'] as string | undefined);
  }

  /** Runs the function once everything changed so far is on disk; at once if it is already. */
  afterCommit(callback: () => void): void {
    if (this.#broken) return;
    if (this.#tick) this.#afterCommit.push(callback);
    else callback();
  }

  committed(): Promise<void> {
    return new Promise((resolve) => this.afterCommit(resolve));
  }

  #schedule(): void {
    this.#tick ??= setImmediate(() => this.flush());
  }

  flush(): void {
    if (!this.#tick || this.#broken) return;
    clearImmediate(this.#tick);
    const changed = this.#changed;
    const settings = this.#settings;
    const callbacks = this.#afterCommit;
    this.#changed = new Set();
    this.#settings = new Map();
    this.#afterCommit = [];
    try {
      this.#sql.begin.run();
      for (const run of changed) this.#write(run);
      for (const [name, value] of settings) this.#sql.setSetting.run(name, value);
      this.#sql.commit.run();
    } catch (error) {
      this.#broken = true;
      this.#onBroken(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.commits++;
    this.#tick = undefined;
    for (const callback of callbacks) callback();
  }

  #write(run: Run): void {
    const { frames, requestIds, indexChanged, stored } = run.unsaved;
    const firstId = run.nextEventId - frames.length;
    run.unsaved = { frames: [], requestIds: [], indexChanged: false, stored: true };
    if (frames.length > 0) this.#sql.insertEvents.run(run.row, firstId, Buffer.concat(frames));
    if (stored) {
      this.#sql.updateRun.run(run.nextEventId - 1, run.historyBytes, writeState(run), run.row);
      if (!isOpen(run)) this.#sql.closeRun.run(run.status, run.closeMs, run.row);
      if (indexChanged) {
        this.#sql.updateFields.run(writeFields(run.memo), writeFields(run.searchAttributes), run.row);
      }
    } else this.#insert(run);
    this.#largeParts.write(run);
    if (indexChanged) this.#writeSearchAttributes(run, stored);
    if (isTailLong(run)) dropTail(run);
    for (const requestId of requestIds) this.#sql.insertRequest.run(run.row, requestId);
    if (!isOpen(run) && run.signals > 0) this.#sql.clearRequests.run(run.row);
  }

  #insert(run: Run): void {
    const { birth } = run;
    this.#sql.insertRun.run(
      run.row,
      birth.runId,
      birth.namespace,
      birth.workflowId,
      birth.workflowType,
      birth.taskQueue,
      run.status,
      birth.startMs,
      birth.startMs + birth.firstTaskDelayMs,
      run.closeMs || null,
      run.closeMs || ALWAYS_FIRST,
      run.nextEventId - 1,
      run.historyBytes,
      JSON.stringify(birth),
      writeState(run),
      writeFields(run.memo),
      writeFields(run.searchAttributes),
    );
  }

  #writeSearchAttributes(run: Run, replace: boolean): void {
    if (replace) this.#sql.clearSearch.run(run.row);
    for (const [name, payload] of Object.entries(run.searchAttributes)) {
      const type = this.#types.typeOf(name);
      if (!type) continue;
      for (const value of searchValues(name, type, payload)) this.#sql.insertSearch.run(run.row, name, value);
    }
  }

  hasRequest(run: Run, requestId: string): boolean {
    return (
      run.unsaved.requestIds.includes(requestId) ||
      (run.unsaved.stored && this.#sql.hasRequest.get(run.row, requestId) !== undefined)
    );
  }

  /** Committed events only. */
  readFrames(row: number, from: number, to: number): Frame[] {
    return [...this.iterateFrames(row, from, to)];
  }

  *iterateFrames(row: number, from: number, to: number): Generator<Frame> {
    for (const stored of this.#sql.events.iterate(row, from, to)) {
      let eventId = Number(stored['first_id']);
      for (const frame of splitFrames(bytesOf(stored['frames']))) {
        if (eventId > to) return;
        if (eventId++ >= from) yield frame;
      }
    }
  }

  loadByRunId(runId: string): Run | undefined {
    return this.#load(this.#sql.byRunId.get(runId));
  }

  loadLatest(namespace: string, workflowId: string): Run | undefined {
    return this.#load(this.#sql.latest.get(namespace, workflowId));
  }

  loadOpenRuns(): Iterable<Run> {
    const runs = new Map<number, Run>();
    for (const row of this.#sql.openRuns.iterate()) {
      const run = loadRun(row as unknown as RunRow);
      runs.set(run.row, run);
    }
    this.#largeParts.load(runs);
    return runs.values();
  }

  #load(row: Record<string, SQLOutputValue> | undefined): Run | undefined {
    return row ? loadRun(row as unknown as RunRow) : undefined;
  }

  /** Removes at most so many runs that closed before a moment; a write of its own, between two ticks. */
  removeClosedBefore(ms: number, most: number): number {
    if (this.#broken) return 0;
    const rows = this.#sql.closedBefore.all(ms, most).map((found) => Number(found['row']));
    if (rows.length === 0) return 0;
    const list = rows.join(',');
    this.#db.exec(`BEGIN IMMEDIATE;
      DELETE FROM events WHERE run IN (${list}); DELETE FROM search_attributes WHERE run IN (${list});
      DELETE FROM requests WHERE run IN (${list}); DELETE FROM runs WHERE row IN (${list}); COMMIT`);
    return rows.length;
  }

  prepare(sql: string): StatementSync {
    return this.#db.prepare(sql);
  }

  /** After a defect: what is in memory is not to be trusted, and must never reach the disk. */
  abandon(): void {
    this.#broken = true;
    this.#afterCommit = [];
  }

  close(): void {
    this.flush();
    this.#db.close();
  }
}

const bytesOf = (value: unknown): Buffer => {
  const bytes = value as Uint8Array;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
};
