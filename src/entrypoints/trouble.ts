import { EventStoreUnavailable } from '../platform/event-store/event-store.js';
import { PkiTrouble } from '../platform/pki/pki-trouble.js';

type Faulty = Readonly<{ code?: unknown; errcode?: unknown; message?: unknown; cause?: unknown; name?: unknown }>;

const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_READONLY = 8;
const GRPC_DEADLINE = 4;
const GRPC_UNAVAILABLE = 14;

const NO_ANSWER = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH', 'ECONNRESET'];

const DATABASE: Readonly<Record<string, string>> = {
  '28P01': 'refuses the name or the password',
  '28000': 'refuses the name or the password',
  '3D000': 'has no database of that name',
  '42501': 'does not let this user make tables; grant it CREATE on the schema',
  '53300': 'has no connection left; raise max_connections or run fewer processes',
  '57P03': 'is just starting',
};

/** The error itself, what caused it, and what it gathers. */
const chainOf = (error: unknown): readonly Faulty[] => {
  const found: Faulty[] = [];
  const take = (one: unknown): void => {
    if (one === null || typeof one !== 'object' || found.includes(one)) return;
    found.push(one);
    take((one as Faulty).cause);
    for (const each of (one as { errors?: unknown[] }).errors ?? []) take(each);
  };
  take(error);
  return found;
};

const databaseTrouble = ({ code, message }: Faulty): string | null => {
  const known = typeof code === 'string' ? DATABASE[code] : undefined;
  if (known !== undefined) return `DATABASE_URL: the server ${known}.`;
  return typeof message === 'string' && message.includes('timeout exceeded when trying to connect')
    ? 'DATABASE_URL: the server does not answer.'
    : null;
};

const systemTrouble = (fault: Faulty & { syscall?: unknown; port?: unknown; address?: unknown; path?: unknown }) => {
  const { code, syscall, port, address, path } = fault;
  if (code === 'EADDRINUSE') return `PORT: ${String(port)} on ${String(address)} is in use by another program.`;
  if (code === 'EADDRNOTAVAIL') return `HOST: this machine has no address ${String(address)}.`;
  if (code === 'EACCES' && syscall === 'listen') return `PORT: this user may not listen on ${String(port)}.`;
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'The disk is full; nothing that was answered is lost. Make room.';
  if ((code === 'EACCES' || code === 'EROFS') && typeof path === 'string')
    return `${path} cannot be used by this user (${code}).`;
  return NO_ANSWER.includes(String(code))
    ? `DATABASE_URL: the server at ${typeof address === 'string' ? address : 'that name'} does not answer (${String(code)}).`
    : null;
};

const sqliteTrouble = ({ errcode, message }: Faulty): string | null => {
  const primary = typeof errcode === 'number' ? errcode & 0xff : 0;
  // What a node in a thread of its own reports comes without its code.
  if (primary === SQLITE_FULL || String(message).includes('database or disk is full'))
    return 'The disk is full; nothing that was answered is lost. Make room.';
  if (primary === SQLITE_CANTOPEN || primary === SQLITE_READONLY)
    return 'DATA_DIR: the files there cannot be opened for writing by this user.';
  return null;
};

const engineTrouble = (fault: Faulty): string | null => {
  if (fault instanceof EventStoreUnavailable) return 'EVENTSTORE_URL: the event store does not answer.';
  const deadline = fault.message === 'Failed to connect before the deadline';
  const temporal = deadline || fault.name === 'TransportError' || fault.name === 'ServiceError';
  const silent = fault.code === GRPC_UNAVAILABLE || fault.code === GRPC_DEADLINE || temporal;
  return silent ? 'TEMPORAL_ADDRESS: Temporal does not answer there.' : null;
};

const pkiTrouble = (fault: Faulty): string | null => (fault instanceof PkiTrouble ? fault.message : null);

/** What an operator can do something about, in one line that names the place to look; null for a fault of ours. */
export const troubleOf = (error: unknown): string | null => {
  for (const tell of [pkiTrouble, engineTrouble, databaseTrouble, sqliteTrouble, systemTrouble]) {
    for (const fault of chainOf(error)) {
      const told = tell(fault);
      if (told !== null) return told;
    }
  }
  return null;
};
