import type { DatabaseSync } from 'node:sqlite';
import { DamagedFile } from '@shomei/embedded-kit';
import { openLogFileToRead } from './log-file.js';
import { Query } from './query.js';
import { EVENT_COLUMNS, eventOf, isWhole, type EventRow } from './rows.js';

export interface Verification {
  readonly ok: boolean;
  readonly events: number;
  readonly streams: number;
  /** What is wrong, the first of it; `faultCount` says how much there is in all. */
  readonly faults: readonly string[];
  readonly faultCount: number;
}

const FAULTS_SHOWN = 20;

/** Reads the whole log and checks it: the file's structure, positions, revisions and every event's checksum. */
export const verifyLog = (file: string): Verification => {
  const faults = new Faults();
  let db: DatabaseSync;
  try {
    db = openLogFileToRead(file);
  } catch (error) {
    if (!(error instanceof DamagedFile)) throw error;
    faults.add(error.message);
    return { ok: false, events: 0, streams: 0, ...faults.summary() };
  }
  try {
    // One snapshot, so that a node that goes on appending does not look like damage.
    db.exec('BEGIN');
    const counts = checkEvents(db, faults);
    checkStructure(db, faults);
    return { ok: faults.none, ...counts, ...faults.summary() };
  } finally {
    db.close();
  }
};

class Faults {
  private readonly shown: string[] = [];
  private count = 0;

  get none(): boolean {
    return this.count === 0;
  }

  add(fault: string): void {
    this.count += 1;
    if (this.shown.length < FAULTS_SHOWN) this.shown.push(fault);
  }

  summary(): { faults: readonly string[]; faultCount: number } {
    return { faults: this.shown, faultCount: this.count };
  }
}

const checkEvents = (db: DatabaseSync, faults: Faults): { events: number; streams: number } => {
  const lastRevisions = new Map<string, number>();
  let events = 0;
  let lastPosition = 0;
  try {
    for (const row of new Query<EventRow>(db, `SELECT ${EVENT_COLUMNS} ORDER BY e.position`).rows()) {
      const event = eventOf(row);
      const { position, stream, revision } = event;
      events += 1;
      if (position !== lastPosition + 1) faults.add(`positions ${lastPosition + 1} to ${position - 1} are missing`);
      const expected = (lastRevisions.get(stream) ?? -1) + 1;
      if (revision !== expected) {
        faults.add(`event ${position} is revision ${revision} of stream ${stream}, where ${expected} is due`);
      }
      if (!isWhole(row, event)) faults.add(`event ${position} is not what was recorded (checksum)`);
      lastPosition = position;
      lastRevisions.set(stream, revision);
    }
  } catch (error) {
    faults.add(`the file cannot be read behind event ${lastPosition}: ${(error as Error).message}`);
  }
  return { events, streams: lastRevisions.size };
};

/** SQLite's own check: pages, indexes against tables, events whose stream is gone. */
const checkStructure = (db: DatabaseSync, faults: Faults): void => {
  try {
    for (const [message] of new Query<[string]>(db, 'PRAGMA integrity_check').rows()) {
      if (message !== 'ok') faults.add(`the file's structure: ${message}`);
    }
    for (const [table, , parent] of new Query<[string, number, string]>(db, 'PRAGMA foreign_key_check').rows()) {
      faults.add(`a row of ${table} belongs to a missing row of ${parent}`);
    }
  } catch (error) {
    faults.add(`the file's structure: ${(error as Error).message}`);
  }
};
