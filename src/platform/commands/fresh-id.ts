import { randomUUID } from 'node:crypto';

/**
 * For what happens now and is kept for ever: a UUID of version 7, which begins with the time. Where ids are keys of tables,
 * those of one moment stand side by side: a batch of rows touches one page of an index and not one for each row.
 * Never for a secret: 74 bits are random, but whoever sees one knows when it was made.
 */
export const freshId = (): string => {
  const now = Date.now();
  if (now !== lastMs) begin(now);
  return beginning + randomUUID().slice(15);
};

// Many are made in one millisecond.
let lastMs = -1;
let beginning = '';
const begin = (now: number): void => {
  lastMs = now;
  const ms = now.toString(16).padStart(12, '0');
  beginning = `${ms.slice(0, 8)}-${ms.slice(8)}-7`;
};
