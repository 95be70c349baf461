import type { DatabaseSync } from 'node:sqlite';
import { CACHED_STREAMS } from '../limits.js';
import { NO_EVENTS } from './expected-revision.js';

export interface StreamState {
  readonly name: string;
  /** 0 until the stream has its first event. */
  id: number;
  last: number;
}

/** Knows each stream's number and last revision; the ones used lately without asking the file. */
export class StreamDirectory {
  private readonly cached = new Map<string, StreamState>();
  private readonly selectStream;
  private readonly insertStream;

  constructor(db: DatabaseSync) {
    this.selectStream = db.prepare(
      `SELECT id, (SELECT max(revision) FROM events WHERE stream_id = streams.id) AS last FROM streams WHERE name = ?`,
    );
    this.insertStream = db.prepare('INSERT INTO streams (name) VALUES (?)');
  }

  find(name: string): StreamState {
    const known = this.cached.get(name);
    if (known !== undefined) {
      // Put last again: the first in the map is the one whose use lies furthest back.
      this.cached.delete(name);
      this.cached.set(name, known);
      return known;
    }
    const row = this.selectStream.get(name) as { id: number; last: number | null } | undefined;
    const state: StreamState = { name, id: row?.id ?? 0, last: row?.last ?? NO_EVENTS };
    // Streams that do not exist are not kept: asking for many names must not push the used ones out.
    if (row !== undefined) this.keep(state);
    return state;
  }

  /** Inside a transaction: gives a new stream its number. */
  ensureStored(state: StreamState): void {
    if (state.id !== 0) return;
    state.id = Number(this.insertStream.run(state.name).lastInsertRowid);
    this.keep(state);
  }

  /** After a rollback nothing remembered can be trusted. */
  forgetAll(): void {
    this.cached.clear();
  }

  private keep(state: StreamState): void {
    if (this.cached.size >= CACHED_STREAMS) {
      const [oldest] = this.cached.keys();
      if (oldest !== undefined) this.cached.delete(oldest);
    }
    this.cached.set(state.name, state);
  }
}
