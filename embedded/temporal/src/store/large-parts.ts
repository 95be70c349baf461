import type { DatabaseSync } from 'node:sqlite';
import { readHeldBack } from '../engine/held-back.js';
import type { Activity } from '../engine/activity-state.js';
import type { Run } from '../engine/run.js';

/** Of an activity: what a worker may make large. Encoded messages in base64, empty for none. */
const DETAILS = ['heartbeat', 'lastFailure'] as const;

const statementsOf = (db: DatabaseSync) => ({
  insertHeldBack: db.prepare('INSERT INTO held_back (run, position, frames) VALUES (?, ?, ?)'),
  deleteHeldBack: db.prepare('DELETE FROM held_back WHERE run = ? AND position = ?'),
  clearHeldBack: db.prepare('DELETE FROM held_back WHERE run = ?'),
  heldBack: db.prepare('SELECT run, position, frames FROM held_back ORDER BY run, position'),
  setDetail: db.prepare(
    `INSERT INTO activity_details (run, scheduled_id, kind, message) VALUES (?, ?, ?, ?)
     ON CONFLICT (run, scheduled_id, kind) DO UPDATE SET message = excluded.message`,
  ),
  deleteDetails: db.prepare('DELETE FROM activity_details WHERE run = ? AND scheduled_id = ?'),
  details: db.prepare('SELECT run, scheduled_id, kind, message FROM activity_details'),
});

/**
 * A run's state is rewritten with every transition, so whatever in it may be large has rows of its own, written when
 * it changes and not again: facts that are held back, and what activities reported. Only open runs have such rows.
 */
export class LargeParts {
  readonly #sql: ReturnType<typeof statementsOf>;

  constructor(db: DatabaseSync) {
    this.#sql = statementsOf(db);
  }

  /** Within the transaction of the run's other changes. */
  write(run: Run): void {
    this.#writeHeldBack(run);
    for (const scheduledId of run.savedDetails.keys()) {
      if (run.activities.has(scheduledId)) continue;
      this.#sql.deleteDetails.run(run.row, scheduledId);
      run.savedDetails.delete(scheduledId);
    }
    for (const activity of run.activities.values()) this.#writeDetails(run, activity);
  }

  #writeHeldBack(run: Run): void {
    const { added, withdrawn, released } = run.unsavedHeldBack;
    if (added.length === 0 && withdrawn.length === 0 && !released) return;
    run.unsavedHeldBack = { added: [], withdrawn: [], released: false };
    if (released) this.#sql.clearHeldBack.run(run.row);
    for (const position of withdrawn) this.#sql.deleteHeldBack.run(run.row, position);
    for (const { position, frames } of added) this.#sql.insertHeldBack.run(run.row, position, frames);
  }

  #writeDetails(run: Run, activity: Activity): void {
    const saved = run.savedDetails.get(activity.scheduledId);
    const { heartbeat, lastFailure } = activity;
    if ((saved?.heartbeat ?? '') === heartbeat && (saved?.lastFailure ?? '') === lastFailure) return;
    for (const kind of DETAILS) {
      if ((saved?.[kind] ?? '') === activity[kind]) continue;
      const message = Buffer.from(activity[kind], 'base64');
      this.#sql.setDetail.run(run.row, activity.scheduledId, kind, message);
    }
    run.savedDetails.set(activity.scheduledId, { heartbeat, lastFailure });
  }

  /** After a start of the node: gives all open runs back what they had. */
  load(runs: ReadonlyMap<number, Run>): void {
    for (const { run: row, position, frames } of this.#sql.heldBack.iterate()) {
      runs.get(Number(row))?.buffered.push(readHeldBack(Number(position), Buffer.from(frames as Uint8Array)));
    }
    for (const { run: row, scheduled_id, kind, message } of this.#sql.details.iterate()) {
      const run = runs.get(Number(row));
      const activity = run?.activities.get(Number(scheduled_id));
      const detail = DETAILS.find((one) => one === kind);
      if (!run || !activity || !detail) continue;
      activity[detail] = Buffer.from(message as Uint8Array).toString('base64');
      const { heartbeat, lastFailure } = activity;
      run.savedDetails.set(activity.scheduledId, { heartbeat, lastFailure });
    }
  }
}
