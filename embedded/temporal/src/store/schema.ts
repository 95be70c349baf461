/** "shmT": no other program's file is ever taken for ours. */
export const APPLICATION_ID = 0x73686d54;

/**
 * Step n brings a file from version n to n + 1; released steps are never edited.
 *
 * `runs.row` is the order of all starts. `birth` is written once, `state` after every transition and holds only what
 * the history cannot tell; what of that may be large has tables of its own, `held_back` and
 * `activity_details`. Lists show what is open first, then what closed last: `order_ms` is the time of closing, or beyond
 * all times. History is stored as it is sent: concatenated frames, one row per transition.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE runs (
    row INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL UNIQUE,
    namespace TEXT NOT NULL,
    workflow_id TEXT NOT NULL,
    workflow_type TEXT NOT NULL,
    task_queue TEXT NOT NULL,
    status INTEGER NOT NULL,
    start_ms INTEGER NOT NULL,
    execution_ms INTEGER NOT NULL,
    close_ms INTEGER,
    order_ms INTEGER NOT NULL,
    history_length INTEGER NOT NULL,
    history_bytes INTEGER NOT NULL,
    birth TEXT NOT NULL,
    state TEXT NOT NULL,
    memo BLOB,
    search_attributes BLOB
  );
  CREATE INDEX runs_by_workflow ON runs (namespace, workflow_id, row);
  CREATE INDEX runs_in_order ON runs (namespace, order_ms, start_ms, row);
  CREATE INDEX runs_by_type ON runs (namespace, workflow_type, order_ms, start_ms, row);
  CREATE INDEX runs_by_status ON runs (namespace, status, order_ms, start_ms, row);
  CREATE INDEX runs_by_close ON runs (close_ms) WHERE close_ms IS NOT NULL;
  CREATE INDEX runs_open ON runs (row) WHERE status = 1;

  CREATE TABLE events (
    run INTEGER NOT NULL,
    first_id INTEGER NOT NULL,
    frames BLOB NOT NULL,
    PRIMARY KEY (run, first_id)
  ) WITHOUT ROWID;

  CREATE TABLE search_attributes (
    run INTEGER NOT NULL,
    name TEXT NOT NULL,
    value NOT NULL,
    PRIMARY KEY (run, name, value)
  ) WITHOUT ROWID;
  CREATE INDEX search_attributes_by_value ON search_attributes (name, value, run);

  CREATE TABLE requests (
    run INTEGER NOT NULL,
    request_id TEXT NOT NULL,
    PRIMARY KEY (run, request_id)
  ) WITHOUT ROWID;

  CREATE TABLE held_back (
    run INTEGER NOT NULL,
    position INTEGER NOT NULL,
    frames BLOB NOT NULL,
    PRIMARY KEY (run, position)
  ) WITHOUT ROWID;

  CREATE TABLE activity_details (
    run INTEGER NOT NULL,
    scheduled_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    message BLOB NOT NULL,
    PRIMARY KEY (run, scheduled_id, kind)
  ) WITHOUT ROWID;

  CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  `,
  // A filter that no index leads to is answered by walking this one alone, and rows are read only where it fits.
  `
  DROP INDEX runs_in_order;
  CREATE INDEX runs_in_order ON runs
    (namespace, order_ms, start_ms, row, status, workflow_type, task_queue, execution_ms, close_ms);
  `,
];
