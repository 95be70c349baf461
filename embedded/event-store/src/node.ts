import { join } from 'node:path';
import { ownFolder, privateIdentity, type PrivateIdentity, type RunningNode } from '@shomei/embedded-kit';
import { EventLog } from './log/event-log.js';
import { holdersOf, openToAll } from './server/access.js';
import { LOOPBACK, LOOPBACK_NAME, startServer } from './server/server.js';
import { Streak } from './streak.js';

export interface EventStoreOptions {
  /** The node's own folder; made if it is missing. */
  readonly dataDir: string;
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** Without TLS and credential: everybody on this machine may read and append. For tools and tests. */
  readonly insecure?: boolean;
  /** The log's largest size in SQLite pages of 4 KiB; unlimited unless given. */
  readonly maxPages?: number;
}

export interface NodeOptions extends EventStoreOptions {
  /** Shared with the host of the node's thread; see `streak.ts`. */
  readonly streak?: SharedArrayBuffer;
}

export interface EventStoreReady {
  readonly port: number;
  /** All a client needs. Unless the node is insecure it holds the credential: keep it out of logs. */
  readonly connectionString: string;
}

export const LOG_FILE = 'events.db';
export const USER = 'admin';

/** Runs the node in this thread. The folder is this node's alone until it has stopped. */
export const startNode = async (options: NodeOptions): Promise<RunningNode<EventStoreReady>> => {
  const folder = ownFolder(options.dataDir, 'the embedded event store');
  let log: EventLog | undefined;
  try {
    log = new EventLog({
      file: join(folder.path, LOG_FILE),
      ...(options.maxPages === undefined ? {} : { maxPages: options.maxPages }),
    });
    const identity = options.insecure === true ? undefined : privateIdentity(folder.path, 'embedded event store');
    const server = await startServer({
      log,
      port: options.port ?? 0,
      access: identity === undefined ? openToAll : holdersOf(USER, identity.secret),
      tls: tlsOf(identity),
      streak: new Streak(options.streak),
    });
    return running(server, log, folder, connectionStringOf(server.port, identity));
  } catch (error) {
    log?.close();
    folder.release();
    throw error;
  }
};

export const tlsOf = (identity: PrivateIdentity | undefined): { key: string; cert: string } | undefined =>
  identity === undefined ? undefined : { key: identity.keyPem, cert: identity.certificatePem };

export const connectionStringOf = (port: number, identity: PrivateIdentity | undefined): string =>
  identity === undefined
    ? `esdb://${LOOPBACK}:${port}?tls=false`
    : `esdb://${USER}:${identity.secret}@${LOOPBACK_NAME}:${port}?tls=true&tlsCAFile=${encodeURIComponent(identity.authorityFile)}`;

const running = (
  server: { port: number; stop(): Promise<void> },
  log: EventLog,
  folder: { release(): void },
  connection: string,
): RunningNode<EventStoreReady> => {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  let stopping = false;
  return {
    ready: { port: server.port, connectionString: connection },
    ended,
    stop: async () => {
      if (!stopping) {
        stopping = true;
        await server.stop();
        log.close();
        folder.release();
        resolve();
      }
      await ended;
    },
  };
};
