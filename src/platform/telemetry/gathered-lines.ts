import { type DestinationStream, pino } from 'pino';

/** A call of the system for each line cost more than to make it. */
const GATHERED_MS = 10;
const GATHERED_MAX = 64 * 1024;
/** So begins each line, with the level; what needs attention has 40 and more. */
const NEEDS_ATTENTION = /^\{"level":[4-9]/;

type Lines = DestinationStream & Readonly<{ flushSync: () => void }>;

/**
 * Lines of the same moment are written together. A warning or worse is written at once with all before it, and whoever
 * ends in any way but by a kill writes the rest.
 */
export const gatheredLines = (out: DestinationStream = pino.destination(1)): Lines => {
  let gathered = '';
  let timer: NodeJS.Timeout | null = null;
  const flushSync = (): void => {
    if (timer) clearTimeout(timer);
    timer = null;
    const lines = gathered;
    gathered = '';
    if (lines !== '') out.write(lines);
  };
  process.once('exit', flushSync);
  return {
    flushSync,
    write: (line) => {
      gathered += line;
      if (gathered.length > GATHERED_MAX || NEEDS_ATTENTION.test(line)) flushSync();
      // An end that nothing else holds up is none to wait for.
      else timer ??= setTimeout(flushSync, GATHERED_MS).unref();
    },
  };
};
