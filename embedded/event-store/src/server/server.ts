import {
  Server,
  type ServerCredentials,
  type Metadata,
  type sendUnaryData,
  type ServerUnaryCall,
  type UntypedHandleCall,
} from '@grpc/grpc-js';
import { MAX_MESSAGE_BYTES, MAX_OPEN_CALLS } from '../limits.js';
import type { EventLog } from '../log/event-log.js';
import { neverDone, refusalOf, shuttingDown } from '../protocol/refusals.js';
import type { Access } from './access.js';
import { append } from './append.js';
import { batchAppend } from './batch-append.js';
import { pipelinedReplies } from './pipelined-replies.js';
import { read } from './read.js';
import { clusterOfOne, supportedMethods } from './self-description.js';
import { gossipService, operationsService, serverFeaturesService, streamsService } from './services.js';

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
  readonly metadata: Metadata;
  on(event: 'close' | 'cancelled' | 'error' | 'end', listener: () => void): unknown;
  emit(event: 'error', error: Error): unknown;
}

export const startServer = async ({ log, port, access, credentials }: ServerOptions): Promise<RunningServer> => {
  const server = new Server({
    interceptors: [pipelinedReplies],
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_concurrent_streams': MAX_OPEN_CALLS,
    // Clients ping idle connections every ten seconds.
    'grpc.keepalive_permit_without_calls': 1,
  });
  const open = new Set<AnyCall>();
  const streaming = (handler: (call: never, answer: never) => void): UntypedHandleCall =>
    guarded(access, (call, answer) => {
      open.add(call);
      for (const end of ['close', 'cancelled', 'error'] as const) call.on(end, () => open.delete(call));
      handler(call as never, answer as never);
    });
  server.addService(streamsService, {
    Read: streaming(read(log)),
    Append: streaming(append(log)),
    BatchAppend: streaming(batchAppend(log)),
    Delete: unary(access, () => Promise.reject(neverDone('Delete'))),
    Tombstone: unary(access, () => Promise.reject(neverDone('Tombstone'))),
  });
  server.addService(operationsService, {
    StartScavenge: unary(access, () => Promise.reject(neverDone('Scavenge'))),
  });
  // These two are asked before a client has shown its credential, and tell nothing that is recorded.
  const cluster = clusterOfOne(LOOPBACK_NAME);
  server.addService(serverFeaturesService, {
    GetSupportedMethods: unary(undefined, () => Promise.resolve(supportedMethods())),
  });
  server.addService(gossipService, { Read: unary(undefined, () => Promise.resolve(cluster(boundPort))) });
  const boundPort = await bind(server, port, credentials);
  return { port: boundPort, stop: () => stop(server, open) };
};

const guarded =
  (access: Access, handler: (call: AnyCall, answer: unknown) => void): UntypedHandleCall =>
  (call: AnyCall, answer?: sendUnaryData<object>) => {
    try {
      access(call.metadata);
    } catch (error) {
      if (answer === undefined) call.emit('error', refusalOf(error));
      else answer(refusalOf(error));
      return;
    }
    handler(call, answer);
  };

const unary =
  (access: Access | undefined, respond: () => Promise<object>) =>
  (call: ServerUnaryCall<object, object>, answer: sendUnaryData<object>): void => {
    const admitted = async (): Promise<object> => {
      access?.(call.metadata);
      return respond();
    };
    admitted().then(
      (response) => answer(null, response),
      (error: unknown) => answer(refusalOf(error)),
    );
  };

const bind = (server: Server, port: number, credentials: ServerCredentials): Promise<number> =>
  new Promise((resolve, reject) =>
    server.bindAsync(`${LOOPBACK}:${port}`, credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );

/** Open calls end with a status that tells clients to reconnect; connections are cut only after that has left. */
const stop = async (server: Server, open: ReadonlySet<AnyCall>): Promise<void> => {
  const closed = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  for (const call of open) call.emit('error', shuttingDown());
  const patience = setTimeout(() => server.forceShutdown(), GRACE_MS);
  await closed;
  clearTimeout(patience);
};
