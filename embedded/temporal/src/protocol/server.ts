import { createServer, type AddressInfo, type Server as Listener, type Socket } from 'node:net';
import * as grpc from '@grpc/grpc-js';
import type { Limits } from '../limits.js';
import { Access } from './access.js';
import { RpcError, invalidArgument, unimplemented } from './errors.js';
import proto from '@temporalio/proto';
import { encodeHistory, encodeTaskCompleted, encodeWorkflowTask } from './replies.js';

/** Who calls, how long they wait, and when they stop waiting. */
export interface Caller {
  /** Names the TCP connection; the same text is given to `onConnectionLost`. */
  readonly connection: string;
  readonly deadlineMs: number;
  onCancel(callback: () => void): void;
}

/** Answers with a message, or with a function that builds it after the commit. */
export type Handler = (request: never, caller: Caller) => unknown;
export type Handlers = Readonly<Record<string, Handler>>;

export interface ServerOptions {
  readonly port: number;
  readonly limits: Limits;
  readonly credentials: { certificatePem: string; keyPem: string; secret: string } | undefined;
  /** By full service name. A method without handler is answered UNIMPLEMENTED by name. */
  readonly services: Readonly<Record<string, Handlers>>;
  /** Resolves when everything done so far is on disk. */
  committed(): Promise<void>;
  /** Something nobody foresaw: memory may be half changed, the disk is not. */
  onDefect(error: unknown): void;
  onConnectionLost(connection: string): void;
  afterReply(): void;
}

/** Pings find a frozen worker: its connection is given up after at most the sum of both. */
const PING_EVERY_MS = 3000;
const PING_ANSWER_MS = 4000;
const MOST_SENT_BYTES = 128 * 1024 * 1024;
const MOST_HEADER_BYTES = 16 * 1024;

interface Reflected {
  readonly methodsArray: readonly ReflectedMethod[];
}
interface Codec {
  encode(message: unknown): { finish(): Uint8Array };
  decode(bytes: Uint8Array): unknown;
}
interface ReflectedMethod {
  readonly name: string;
  readonly requestStream?: boolean;
  readonly responseStream?: boolean;
  resolve(): unknown;
  readonly resolvedRequestType: Codec | null;
  readonly resolvedResponseType: Codec | null;
}

/** The generated package carries the descriptions of its services; its type declarations do not say so. */
const describeService = (name: string): Reflected =>
  (proto as unknown as { lookupService(name: string): Reflected }).lookupService(name);

const encodeRpcStatus = (status: object): Uint8Array =>
  (proto as unknown as { lookupType(name: string): Codec }).lookupType('google.rpc.Status').encode(status).finish();

/** Replies that carry stored history. */
const SPECIAL_ENCODERS: Readonly<Record<string, (reply: never) => Buffer>> = {
  PollWorkflowTaskQueue: encodeWorkflowTask,
  RespondWorkflowTaskCompleted: encodeTaskCompleted,
  GetWorkflowExecutionHistory: encodeHistory,
  GetWorkflowExecutionHistoryReverse: encodeHistory,
};

export class GrpcServer {
  readonly #options: ServerOptions;
  readonly #server: grpc.Server;
  readonly #listener: Listener;
  readonly #sockets = new Set<Socket>();
  readonly #access: Access;

  constructor(options: ServerOptions) {
    this.#options = options;
    const { limits, credentials } = options;
    this.#access = new Access(credentials?.secret);
    this.#server = new grpc.Server({
      'grpc.max_receive_message_length': limits.requestBytes,
      'grpc.max_send_message_length': MOST_SENT_BYTES,
      'grpc.max_concurrent_streams': limits.streamsPerConnection,
      'grpc.keepalive_time_ms': PING_EVERY_MS,
      'grpc.keepalive_timeout_ms': PING_ANSWER_MS,
      'grpc.max_metadata_size': MOST_HEADER_BYTES,
      interceptors: [this.#access.interceptor],
    });
    for (const [name, handlers] of Object.entries(options.services)) this.#addService(name, handlers);
    const injector = this.#server.createConnectionInjector(
      credentials
        ? grpc.ServerCredentials.createSsl(
            null,
            [{ private_key: Buffer.from(credentials.keyPem), cert_chain: Buffer.from(credentials.certificatePem) }],
            false,
          )
        : grpc.ServerCredentials.createInsecure(),
    );
    this.#listener = createServer((socket) => {
      this.#watch(socket);
      injector.injectConnection(socket);
    });
    this.#listener.maxConnections = limits.connections;
  }

  /** Owning the sockets is what tells us at once that a worker is gone. */
  #watch(socket: Socket): void {
    const connection = `${socket.remoteAddress}:${socket.remotePort}`;
    this.#sockets.add(socket);
    this.#access.connected(connection, socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#access.disconnected(connection);
      this.#options.onConnectionLost(connection);
    });
  }

  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#listener.once('error', reject);
      this.#listener.listen(this.#options.port, '127.0.0.1', () => {
        resolve((this.#listener.address() as AddressInfo).port);
      });
    });
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#listener.close(() => resolve()));
    this.#server.forceShutdown();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #addService(serviceName: string, handlers: Handlers): void {
    const definition: Record<string, grpc.MethodDefinition<Envelope, Buffer>> = {};
    const implementation: Record<string, grpc.UntypedHandleCall> = {};
    for (const method of describeService(serviceName).methodsArray) {
      if (method.responseStream || method.requestStream) continue;
      // Bytes go in and out: nothing is decoded before the caller has proved who it is.
      definition[method.name] = {
        path: `/${serviceName}/${method.name}`,
        requestStream: false,
        responseStream: false,
        requestSerialize: (envelope) => envelope.open(),
        requestDeserialize: (bytes) => new Envelope(bytes),
        responseSerialize: (bytes) => bytes,
        responseDeserialize: (bytes) => bytes,
      };
      implementation[method.name] = this.#unary(method, handlers[method.name]);
    }
    this.#server.addService(definition, implementation);
  }

  #unary(method: ReflectedMethod, handler: Handler | undefined): grpc.handleUnaryCall<Envelope, Buffer> {
    method.resolve();
    const { resolvedRequestType, resolvedResponseType } = method;
    const special = SPECIAL_ENCODERS[method.name];
    const encode = (reply: unknown): Buffer =>
      special ? special(reply as never) : Buffer.from(resolvedResponseType?.encode(reply).finish() ?? []);
    return (call, respond) => {
      void this.#answer(async () => {
        if (!handler) throw unimplemented(method.name);
        const reply: unknown = await ask(handler, resolvedRequestType, call);
        await this.#options.committed();
        return encode(typeof reply === 'function' ? (reply as () => unknown)() : reply);
      }).then(({ error, bytes }) => {
        respond(error, bytes);
        this.#options.afterReply();
      });
    };
  }

  async #answer(work: () => Promise<Buffer>) {
    try {
      return { error: null, bytes: await work() };
    } catch (error) {
      if (!(error instanceof RpcError)) {
        this.#options.onDefect(error);
        return { error: { code: grpc.status.INTERNAL, details: 'internal error' }, bytes: null };
      }
      // A refusal may have changed something too (a failed task): that is on disk before it is told.
      await this.#options.committed();
      return { error: toServiceError(error), bytes: null };
    }
  }
}

/** A request until it is decoded. The library keeps it for as long as its call waits, but empty. */
class Envelope {
  #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  open(): Buffer {
    const bytes = this.#bytes;
    this.#bytes = NOTHING;
    return bytes;
  }
}

const NOTHING = Buffer.alloc(0);

type Call = grpc.ServerUnaryCall<Envelope, Buffer>;

/** A function of its own, which has returned when the waiting begins: one that waits would keep the request. */
const ask = (handler: Handler, codec: Codec | null, call: Call): unknown =>
  handler(decode(codec, call.request.open()) as never, callerOf(call));

function decode(codec: Codec | null, bytes: Buffer): unknown {
  try {
    return codec?.decode(bytes);
  } catch {
    throw invalidArgument('the request is not a well-formed message');
  }
}

function callerOf(call: Call): Caller {
  const deadline = call.getDeadline();
  const atMs = deadline instanceof Date ? deadline.getTime() : deadline;
  return {
    connection: call.getPeer(),
    deadlineMs: atMs - Date.now(),
    onCancel: (callback) => {
      if (call.cancelled) callback();
      else call.on('cancelled', callback);
    },
  };
}

/**
 * A refusal travels in headers, of which callers take about 16 KiB: beyond that they see a broken call. The message goes
 * twice, as text with three characters for most bytes that are not ASCII, and in the details in base64.
 */
const MOST_MESSAGE_CHARS = 4000;
const MOST_DETAIL_BYTES = 3000;

export function toServiceError(error: RpcError): Partial<grpc.StatusObject> {
  const metadata = new grpc.Metadata();
  const message = shortened(error.message);
  if (error.detail) {
    const { typeName, bytes } = error.detail;
    // What does not fit is left out, but never the kind of the refusal, which callers tell by the name.
    const value = bytes.length > MOST_DETAIL_BYTES ? new Uint8Array() : bytes;
    const details = [{ type_url: `type.googleapis.com/${typeName}`, value }];
    metadata.set('grpc-status-details-bin', Buffer.from(encodeRpcStatus({ code: error.code, message, details })));
  }
  return { code: error.code, details: message, metadata };
}

/** As much of it as fits when percent-encoded; never half a character. */
function shortened(message: string): string {
  if (message.length * 9 <= MOST_MESSAGE_CHARS) return message;
  let room = MOST_MESSAGE_CHARS;
  let text = '';
  for (const character of message) {
    room -= encodedChars(character);
    if (room < 0) return `${text}…`;
    text += character;
  }
  return text;
}

const PLAIN = /^[\w.,:;()/-]$/;

const encodedChars = (character: string): number =>
  PLAIN.test(character) ? 1 : 3 * Buffer.byteLength(character, 'utf8');
