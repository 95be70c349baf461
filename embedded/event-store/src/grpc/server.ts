import {
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { Call } from './call.js';
import { failure, status, type Failure } from './status.js';

/** Serves calls; by path. */
export type Methods = ReadonlyMap<string, (call: Call) => void>;

export interface GrpcOptions {
  readonly methods: Methods;
  readonly host: string;
  readonly port: number;
  /** Without them there is no TLS. */
  readonly tls: { readonly key: string; readonly cert: string } | undefined;
  readonly maxMessageBytes: number;
  readonly maxOpenCalls: number;
}

export interface GrpcServer {
  readonly port: number;
  /** Open calls end with `why`; connections are cut when that has left, or after `graceMs`. */
  stop(why: Failure, graceMs: number): Promise<void>;
}

/** gRPC without what only clients and networks need: one address, whole messages, no compression. */
export const serveGrpc = async (options: GrpcOptions): Promise<GrpcServer> => {
  const server = http2Server(options);
  const calls = new Set<Call>();
  const sessions = new Set<ServerHttp2Session>();
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  // Peers that vanish or speak something else end their connection, and nothing but it.
  server.on('secureConnection', (socket: Socket) => socket.on('error', ignore));
  server.on('session', (session: ServerHttp2Session) => {
    sessions.add(session);
    session.on('error', ignore);
    session.once('close', () => sessions.delete(session));
  });
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    const call = new Call(stream, headers, options.maxMessageBytes);
    calls.add(call);
    stream.once('close', () => calls.delete(call));
    dispatch(options.methods, call, stream);
  });
  const port = await listen(server, options);
  return {
    port,
    stop: (why, graceMs) =>
      new Promise((resolve) => {
        const patience = setTimeout(() => sockets.forEach((socket) => socket.destroy()), graceMs);
        server.close(() => {
          clearTimeout(patience);
          resolve();
        });
        calls.forEach((call) => call.fail(why));
        sessions.forEach((session) => session.close());
      }),
  };
};

const http2Server = ({ tls, maxOpenCalls }: GrpcOptions): Http2Server | Http2SecureServer => {
  const common = {
    settings: { maxConcurrentStreams: maxOpenCalls },
    // What a session may hold is limited call by call; at its own limit Node resets calls that did nothing wrong.
    maxSessionMemory: Number.MAX_SAFE_INTEGER,
    maxSendHeaderBlockLength: Number.MAX_SAFE_INTEGER,
  };
  return tls === undefined ? createServer(common) : createSecureServer({ ...common, ...tls });
};

const dispatch = (methods: Methods, call: Call, stream: ServerHttp2Stream): void => {
  const { ':path': path = '', ':method': verb, 'content-type': type } = call.headers;
  if (verb !== 'POST' || type?.startsWith('application/grpc') !== true) {
    // Nothing of what it sends is read: then Node ends the stream by itself.
    stream.respond({ ':status': verb === 'POST' ? 415 : 405 }, { endStream: true });
    return;
  }
  const serve = methods.get(path);
  if (serve === undefined) call.fail(failure(status.UNIMPLEMENTED, `${path} is not implemented by this node`));
  else serve(call);
};

const listen = (server: Http2Server | Http2SecureServer, { host, port }: GrpcOptions): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });

const ignore = (): void => undefined;
