import {
  logVerbosity,
  Server,
  setLogVerbosity,
  type ServerCredentials,
  type sendUnaryData,
  type UntypedHandleCall,
} from '@grpc/grpc-js';
import { MAX_MESSAGE_BYTES, MAX_OPEN_CALLS, MAX_UNFINISHED_BYTES } from '../limits.js';
import type { EventLog } from '../log/event-log.js';
import { neverDone, shuttingDown } from '../protocol/refusals.js';
import type { Access } from './access.js';
import { admission } from './admission.js';
import { append } from './append.js';
import { batchAppend } from './batch-append.js';
import { Budget } from './budget.js';
import { pipelinedReplies } from './pipelined-replies.js';
import { read } from './read.js';
import { clusterOfOne, supportedMethods } from './self-description.js';
import { gossipService, operationsService, serverFeaturesService, streamsService } from './services.js';
import { unreadBodies } from './unread-body.js';

export const LOOPBACK = '127.0.0.1';
/** The name TLS clients are given: for an address they could not say which certificate they expect. */
export const LOOPBACK_NAME = 'localhost';
/** Time for clients to take what was answered before the connections are cut. */
const GRACE_MS = 200;

export interface ServerOptions {
  readonly log: EventLog;
  readonly port: number;
  readonly access: Access;
  readonly credentials: ServerCredentials;
}

export interface RunningServer {
  readonly port: number;
  stop(): Promise<void>;
}

interface AnyCall {
  on(event: 'close' | 'cancelled' | 'error', listener: () => void): unknown;
  emit(event: 'error', error: Error): unknown;
}

// What goes wrong is told to whom it concerns; gRPC's own lines on stderr would only tell it twice.
setLogVerbosity(logVerbosity.NONE);

export const startServer = async ({ log, port, access, credentials }: ServerOptions): Promise<RunningServer> => {
  const server = new Server({
    interceptors: [admission(access, OPEN_TO_ALL), unreadBodies, pipelinedReplies],
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_concurrent_streams': MAX_OPEN_CALLS,
    // Clients ping idle connections every ten seconds.
    'grpc.keepalive_permit_without_calls': 1,
  });
  const open = new Set<AnyCall>();
  const streaming =
    (handler: (call: never, answer: never) => void): UntypedHandleCall =>
    (call: AnyCall, answer?: unknown) => {
      open.add(call);
      for (const end of ['close', 'cancelled', 'error'] as const) call.on(end, () => open.delete(call));
      handler(call as never, answer as never);
    };
  const unfinished = new Budget(MAX_UNFINISHED_BYTES);
  const cluster = clusterOfOne(LOOPBACK_NAME);
  server.addService(streamsService, {
    Read: streaming(read(log)),
    Append: streaming(append(log, unfinished)),
    BatchAppend: streaming(batchAppend(log, unfinished)),
    Delete: refusing('Delete'),
    Tombstone: refusing('Tombstone'),
  });
  server.addService(operationsService, { StartScavenge: refusing('Scavenge') });
  server.addService(serverFeaturesService, { GetSupportedMethods: answering(supportedMethods) });
  server.addService(gossipService, { Read: answering(() => cluster(boundPort)) });
  const boundPort = await bind(server, port, credentials);
  return { port: boundPort, stop: () => stop(server, open) };
};

/** Asked before a client has shown its credential; they tell nothing that is recorded. */
const OPEN_TO_ALL: ReadonlySet<string> = new Set(
  [serverFeaturesService, gossipService].flatMap((service) => Object.values(service).map(({ path }) => path)),
);

const answering =
  (response: () => object) =>
  (_call: unknown, answer: sendUnaryData<object>): void =>
    answer(null, response());

const refusing =
  (what: string) =>
  (_call: unknown, answer: sendUnaryData<object>): void =>
    answer(neverDone(what));

const bind = (server: Server, port: number, credentials: ServerCredentials): Promise<number> =>
  new Promise((resolve, reject) =>
    server.bindAsync(`${LOOPBACK}:${port}`, credentials, (error, bound) => {
      if (error === null) resolve(bound);
      else if (!error.message.includes('EADDRINUSE')) reject(error);
      else reject(new Error(`port ${port} is in use by another program; choose another, or 0 for any`));
    }),
  );

/** Open calls end with a status that tells clients to reconnect; connections are cut only after that has left. */
const stop = async (server: Server, open: ReadonlySet<AnyCall>): Promise<void> => {
  const closed = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  for (const call of open) call.emit('error', shuttingDown());
  const patience = setTimeout(() => server.forceShutdown(), GRACE_MS);
  await closed;
  clearTimeout(patience);
};
