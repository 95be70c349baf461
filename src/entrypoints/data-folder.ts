import { verifyLog } from '@shomei/embedded-event-store';
import { DatabaseSync } from 'node:sqlite';
import type { DataFolder } from '../platform/backup/parts.js';
import { damageOf } from '../platform/backup/snapshots.js';

const wholeLog = (file: string): string => {
  const { ok, events, streams, faults } = verifyLog(file);
  if (!ok) throw new Error(`${file} is damaged: ${faults[0]}`);
  return `${events} events in ${streams} streams`;
};

const wholeTable = (table: string, noun: string) => (file: string) => {
  const damage = damageOf(file);
  if (damage !== null) throw new Error(`${file} is damaged: ${damage}`);
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return `${Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'])} ${noun}`;
  } finally {
    database.close();
  }
};

/**
 * What the embedded data consists of. The order is what makes a restored service right (docs/decisions/0024): how far each
 * reaction has come, then the processes it started, then the events that those recorded.
 */
export const dataFolder: DataFolder = {
  parts: [
    { path: 'secrets.sqlite', check: wholeTable('vault_entries', 'secrets') },
    { path: 'temporal/temporal.sqlite', check: wholeTable('runs', 'processes'), optional: true },
    { path: 'event-store/events.db', check: wholeLog },
  ],
  notCopied: [
    // Built again from the events.
    /^read-models\.sqlite(-wal|-shm)?$/,
    // Kept apart from what they open.
    /^keys\//,
    // Of the running node and this machine; made at the next start.
    /^(event-store|temporal)\/(owner\.(lock|json)(-.+)?$|identity\/)/,
  ],
};
