import { type DestinationStream, pino } from 'pino';

/** A call of the system for each line cost more than to make it. */
const GATHERED_MS = 10;
const GATHERED_MAX = 64 * 1024;
const WARN = pino.levels.values['warn']!;

/** By this mark pino says the level of each line before it writes it. */
const SAYS_LEVEL = Symbol.for('pino.metadata');

type Lines = DestinationStream & { lastLevel?: number; [SAYS_LEVEL]: true; flushSync: () => void };

/**
 * Lines of the same moment are written together. A warning or worse is written at once with all before it, and whoever
 * ends in any way but by a kill writes the rest.
 */
export const gatheredLines = (out: DestinationStream = pino.destination(1)): DestinationStream => {
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
  const lines: Lines = {
    [SAYS_LEVEL]: true,
    flushSync,
    write: (line) => {
      gathered += line;
      if (gathered.length > GATHERED_MAX || (lines.lastLevel ?? WARN) >= WARN) flushSync();
      // An end that nothing else holds up is none to wait for.
      else timer ??= setTimeout(flushSync, GATHERED_MS).unref();
    },
  };
  return lines;
};
