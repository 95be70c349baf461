import { type DestinationStream, pino } from 'pino';

/** More than that is written before its turn is over. */
const WAITING_MAX = 64 * 1024;

type Lines = DestinationStream & Readonly<{ flushSync: () => void }>;

/**
 * Lines of one turn of the event loop are written together, when it is over: to ask the system for each cost more than to
 * make it. Nothing waits for another turn, and whoever ends in any way but by a kill writes the rest.
 */
export const perTurn = (out: DestinationStream = pino.destination(1)): Lines => {
  let waiting = '';
  const flushSync = (): void => {
    const lines = waiting;
    waiting = '';
    if (lines !== '') out.write(lines);
  };
  process.once('exit', flushSync);
  return {
    // So is it called after a fatal line.
    flushSync,
    write: (line) => {
      if (waiting === '') setImmediate(flushSync);
      waiting += line;
      if (waiting.length > WAITING_MAX) flushSync();
    },
  };
};
