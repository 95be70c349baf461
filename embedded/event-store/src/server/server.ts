import type { Call } from '../grpc/call.js';
import { serveGrpc, type GrpcServer } from '../grpc/server.js';
import { MAX_MESSAGE_BYTES, MAX_OPEN_CALLS, MAX_UNFINISHED_BYTES } from '../limits.js';
import type { EventLog } from '../log/event-log.js';
import { framerOf } from '../protocol/codec.js';
import { neverDone, shuttingDown, unauthenticated } from '../protocol/refusals.js';
import type { Streak } from '../streak.js';
import type { Access } from './access.js';
import { append } from './append.js';
import { batchAppend } from './batch-append.js';
import { Budget } from './budget.js';
import { read } from './read.js';
import { clusterOfOne, supportedMethods } from './self-description.js';
import { Wakefulness } from './wakefulness.js';

export const LOOPBACK = '127.0.0.1';
/** The name TLS clients are given: for an address they could not say which certificate they expect. */
export const LOOPBACK_NAME = 'localhost';
/** Time for clients to take what was answered before the connections are cut. */
const GRACE_MS = 200;

export interface ServerOptions {
  readonly log: EventLog;
  readonly port: number;
  readonly access: Access;
  readonly tls: { readonly key: string; readonly cert: string } | undefined;
  readonly streak: Streak;
}

export interface RunningServer {
  readonly port: number;
  stop(): Promise<void>;
}

export const startServer = async ({ log, port, access, tls, streak }: ServerOptions): Promise<RunningServer> => {
  const unfinished = new Budget(MAX_UNFINISHED_BYTES);
  const wakefulness = new Wakefulness(streak);
  const cluster = clusterOfOne(LOOPBACK_NAME);
  /** Turns strangers away by the headers of their call, before a byte of its body is taken in. */
  const admitted =
    (serve: (call: Call) => void) =>
    (call: Call): void => {
      if (access(call.headers.authorization)) serve(call);
      else call.fail(unauthenticated());
    };
  const server: GrpcServer = await serveGrpc({
    methods: new Map([
      ['/event_store.client.streams.Streams/Read', admitted(read(log))],
      ['/event_store.client.streams.Streams/Append', admitted(append(log, unfinished))],
      ['/event_store.client.streams.Streams/BatchAppend', admitted(batchAppend(log, unfinished, wakefulness))],
      ['/event_store.client.streams.Streams/Delete', admitted(refusing('Delete'))],
      ['/event_store.client.streams.Streams/Tombstone', admitted(refusing('Tombstone'))],
      ['/event_store.client.operations.Operations/StartScavenge', admitted(refusing('Scavenge'))],
      // Asked before a client has shown its credential; they tell nothing that is recorded.
      [
        '/event_store.client.server_features.ServerFeatures/GetSupportedMethods',
        answering('event_store.client.server_features.SupportedMethods', supportedMethods),
      ],
      [
        '/event_store.client.gossip.Gossip/Read',
        answering('event_store.client.gossip.ClusterInfo', () => cluster(server.port)),
      ],
    ]),
    host: LOOPBACK,
    port,
    tls,
    maxMessageBytes: MAX_MESSAGE_BYTES,
    maxOpenCalls: MAX_OPEN_CALLS,
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new Error(`port ${port} is in use by another program; choose another, or 0 for any`);
  });
  return { port: server.port, stop: () => server.stop(shuttingDown(), GRACE_MS) };
};

/** These calls have no request worth reading: so it is not read, however much of it is sent. */
const answering = (type: string, response: () => object): ((call: Call) => void) => {
  const frame = framerOf(type);
  return (call) => {
    call.send(frame(response()));
    call.end();
  };
};

const refusing =
  (what: string) =>
  (call: Call): void =>
    call.fail(neverDone(what));
