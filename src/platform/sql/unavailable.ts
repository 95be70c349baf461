/** The database does not answer, or takes nobody in. What was asked is in order and may be asked again. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
}

type Faulty = Readonly<{ code?: unknown; errcode?: unknown; message?: unknown }>;

/** What Node says of a connection that is not there any more. */
const SOCKET = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
];

/**
 * PostgreSQL's own words for it: connections (08), no room (53), being stopped, started or handed over (57P), and a server
 * that only stands by and therefore writes nothing (25006).
 */
const STATE = /^(08|53|57P)|^25006$/;

/** The client's; it gives them no code. */
const SILENT = /^Connection terminated|^Query read timeout$|^timeout exceeded when trying to connect$|not queryable/;

/** Busy, locked, no longer readable or writable, full: of the file and its disk, not of what was asked. */
const SQLITE = [5, 6, 8, 10, 13, 14];

const isAway = ({ code, errcode, message }: Faulty): boolean => {
  if (typeof errcode === 'number') return SQLITE.includes(errcode & 0xff);
  if (typeof code === 'string') return SOCKET.includes(code) || STATE.test(code);
  return typeof message === 'string' && SILENT.test(message);
};

const faultyOf = (error: unknown): Faulty => (typeof error === 'object' && error !== null ? error : {});

/** Whether the database is at fault, and not what it was asked. */
export const isDatabaseUnavailable = (error: unknown): boolean =>
  error instanceof DatabaseUnavailable || (faultyOf(error).errcode !== undefined && isAway(faultyOf(error)));

/** What the server or the way to it said, told as what it means; what it says of the question stays as it is. */
export const databaseFault = (error: unknown): unknown =>
  isAway(faultyOf(error))
    ? new DatabaseUnavailable(`the database does not answer: ${(error as Error).message}`, { cause: error })
    : error;
