/** "ESLG": the event log of the embedded node. */
export const APPLICATION_ID = 0x4553_4c47;

/** Step n brings a file from version n to n+1; released steps are never edited. */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE streams (
     id   INTEGER PRIMARY KEY,
     name TEXT NOT NULL UNIQUE
   ) STRICT;
   CREATE TABLE events (
     position   INTEGER PRIMARY KEY,
     stream_id  INTEGER NOT NULL REFERENCES streams (id),
     revision   INTEGER NOT NULL,
     event_id   BLOB NOT NULL,
     type       TEXT NOT NULL,
     is_json    INTEGER NOT NULL,
     created_us INTEGER NOT NULL,
     data       BLOB NOT NULL,
     metadata   BLOB NOT NULL,
     checksum   INTEGER NOT NULL
   ) STRICT;
   CREATE UNIQUE INDEX events_by_stream ON events (stream_id, revision);
   CREATE INDEX events_by_id ON events (event_id);
   CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
     BEGIN SELECT RAISE(ABORT, 'recorded events are never changed'); END;
   CREATE TRIGGER events_are_never_removed BEFORE DELETE ON events
     BEGIN SELECT RAISE(ABORT, 'recorded events are never removed'); END;
   CREATE TRIGGER streams_are_never_changed BEFORE UPDATE ON streams
     BEGIN SELECT RAISE(ABORT, 'streams are never renamed'); END;
   CREATE TRIGGER streams_are_never_removed BEFORE DELETE ON streams
     BEGIN SELECT RAISE(ABORT, 'streams are never removed'); END`,
  // Ids are random: an index by id alone touched another of its pages with every event, and soon more of them than fit
  // the cache. An id is only ever looked for within its stream, and the streams in use lie close together.
  `DROP INDEX events_by_id;
   CREATE INDEX events_by_id ON events (stream_id, event_id)`,
];
