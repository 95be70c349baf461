import type { DatabaseSync } from 'node:sqlite';
import { Query } from './query.js';
import { EVENT_COLUMNS, type EventRow } from './rows.js';

export type Statements = ReturnType<typeof prepareStatements>;

export const prepareStatements = (db: DatabaseSync) => ({
  insert: db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
  head: new Query<[number]>(db, 'SELECT coalesce(max(position), 0) FROM events'),
  count: new Query<[number]>(db, 'SELECT count(*) FROM events'),
  revisionOf: new Query<[number]>(
    db,
    'SELECT revision FROM events WHERE event_id = ? AND stream_id = ? ORDER BY position DESC LIMIT 1',
  ),
  at: new Query<[Uint8Array, number]>(db, 'SELECT event_id, position FROM events WHERE stream_id = ? AND revision = ?'),
  after: new Query<EventRow>(db, `SELECT ${EVENT_COLUMNS} WHERE e.position > ? ORDER BY e.position LIMIT ?`),
  before: new Query<EventRow>(db, `SELECT ${EVENT_COLUMNS} WHERE e.position < ? ORDER BY e.position DESC LIMIT ?`),
  streamFrom: new Query<EventRow>(
    db,
    `SELECT ${EVENT_COLUMNS} WHERE e.stream_id = ? AND e.revision >= ? ORDER BY e.revision LIMIT ?`,
  ),
  streamBack: new Query<EventRow>(
    db,
    `SELECT ${EVENT_COLUMNS} WHERE e.stream_id = ? AND e.revision <= ? ORDER BY e.revision DESC LIMIT ?`,
  ),
});
