import { randomUUID } from 'node:crypto';

let writtenMs = -1;
let written = '';

/**
 * For what happens now and is kept for ever: a UUID of version 7, which begins with the time. Where ids are keys of tables,
 * those of one moment stand side by side: a batch of rows touches one page of an index and not one for each row.
 * Never for a secret: 74 bits are random, but whoever sees one knows when it was made.
 */
export const freshId = (): string => {
  const nowMs = Date.now();
  if (nowMs !== writtenMs) {
    const hex = nowMs.toString(16).padStart(12, '0');
    written = `${hex.slice(0, 8)}-${hex.slice(8)}-7`;
    writtenMs = nowMs;
  }
  return written + randomUUID().slice(15);
};
