import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  connect,
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
} from 'node:http2';

/** What came back for one call: a gRPC status, a reset stream, or neither when the time was up. */
export interface RawAnswer {
  readonly status: number | undefined;
  readonly message: string;
  readonly httpStatus: number | undefined;
  /** The messages, without their gRPC prefix. */
  readonly messages: Buffer[];
  readonly ended: boolean;
  /** The HTTP/2 code the stream was closed with; 0 is a regular end. */
  readonly closedWith: number | undefined;
}

export interface RawCall {
  readonly path: string;
  /** Sent as they are: a well-formed call frames its messages with `framed`. */
  readonly chunks?: readonly Buffer[];
  readonly headers?: Record<string, string>;
  /** Without it the call never says that it has sent everything. */
  readonly halfClose?: boolean;
  /** Resolves the call early, as soon as so many messages have come. */
  readonly untilMessages?: number;
  /** Only an answer that never comes takes so long, on however busy a machine. */
  readonly patienceMs?: number;
}

/** A byte that says whether it is compressed, and four with its length. */
const PREFIX_BYTES = 5;
const PATIENCE_MS = 15_000;
/** Answered without a credential, and changes nothing. */
const HARMLESS = '/event_store.client.server_features.ServerFeatures/GetSupportedMethods';

/** A gRPC peer that is free to break every rule above HTTP/2. */
export class RawPeer {
  readonly session: ClientHttp2Session;
  private readonly authorization: string | undefined;

  private constructor(session: ClientHttp2Session, authorization: string | undefined) {
    this.session = session;
    this.authorization = authorization;
  }

  static async connect(connectionString: string, { credential = true } = {}): Promise<RawPeer> {
    const url = new URL(connectionString.replace('esdb:', 'https:'));
    const authorityFile = url.searchParams.get('tlsCAFile');
    // Node's own limit for a session is low: it is the node's limits that are to be met.
    const maxSessionMemory = 1_000;
    const session =
      authorityFile === null
        ? connect(`http://${url.host}`, { maxSessionMemory })
        : connect(`https://${url.host}`, { ca: readFileSync(authorityFile), maxSessionMemory });
    await once(session, 'connect');
    session.on('error', () => undefined);
    const secret = Buffer.from(`${url.username}:${url.password}`).toString('base64');
    return new RawPeer(session, credential ? `Basic ${secret}` : undefined);
  }

  close(): void {
    this.session.destroy();
  }

  async call(call: RawCall): Promise<RawAnswer> {
    const { chunks = [], halfClose = true, untilMessages = Infinity, patienceMs = PATIENCE_MS } = call;
    const exchange = this.begin(call);
    await exchange.send(chunks);
    if (halfClose) exchange.stream.end();
    const ended = await exchange.until(() => exchange.closed || exchange.messages.length >= untilMessages, patienceMs);
    return exchange.abandon(ended);
  }

  begin({ path, headers = {} }: RawCall): Exchange {
    return new Exchange(
      this.session.request({
        ':method': 'POST',
        ':path': path,
        'content-type': 'application/grpc',
        te: 'trailers',
        ...(this.authorization === undefined ? {} : { authorization: this.authorization }),
        ...headers,
      }),
    );
  }

  /** The node has had its turns: whatever this connection sent before has reached it, and has been dealt with. */
  async roundTrips(count = 5): Promise<void> {
    for (let trip = 0; trip < count; trip++) {
      const { status } = await this.call({ path: HARMLESS, chunks: [framed(Buffer.alloc(0))] });
      if (status !== 0) throw new Error(`the node does not answer: ${status}`);
    }
  }
}

/** One call that is under way, and what has come back so far. */
export class Exchange {
  readonly stream: ClientHttp2Stream;
  /** Without their gRPC prefix. */
  readonly messages: Buffer[] = [];
  closed = false;
  private headers: IncomingHttpHeaders = {};
  /** What has come of the next message, and how much has to have come before it is worth looking at. */
  private pieces: Buffer[] = [];
  private pending = 0;
  private needed = PREFIX_BYTES;
  private readonly watchers = new Set<() => void>();

  constructor(stream: ClientHttp2Stream) {
    this.stream = stream;
    const note = (more: IncomingHttpHeaders): void => {
      this.headers = { ...this.headers, ...more };
      this.look();
    };
    stream.on('error', () => undefined);
    stream.on('response', note).on('trailers', note);
    stream.on('data', (bytes: Buffer) => {
      this.take(bytes);
      this.look();
    });
    stream.once('close', () => {
      this.closed = true;
      this.look();
    });
  }

  get status(): number | undefined {
    const status = this.headers['grpc-status'];
    return status === undefined ? undefined : Number(status);
  }

  /** As fast as they are taken; resolves when the last has left, or when there is nobody any more to take them. */
  async send(chunks: readonly Buffer[]): Promise<void> {
    for (const chunk of chunks) {
      if (!this.stream.writable) return;
      await new Promise<void>((resolve) => {
        this.stream.once('close', resolve);
        this.stream.write(chunk, () => {
          this.stream.off('close', resolve);
          resolve();
        });
      });
    }
  }

  /** False when the time was up before the condition held; looked at whenever something has come. */
  async until(holds: () => boolean, patienceMs = PATIENCE_MS): Promise<boolean> {
    if (holds()) return true;
    return new Promise((resolve) => {
      const settle = (held: boolean): void => {
        clearTimeout(timer);
        this.watchers.delete(look);
        resolve(held);
      };
      const look = (): void => {
        if (holds()) settle(true);
      };
      const timer = setTimeout(() => settle(false), patienceMs);
      this.watchers.add(look);
    });
  }

  abandon(ended: boolean): RawAnswer {
    const closedWith = this.stream.rstCode;
    this.stream.close(constants.NGHTTP2_CANCEL);
    return {
      status: this.status,
      message: decodeURI(String(this.headers['grpc-message'] ?? '')),
      httpStatus: this.headers[':status'] as unknown as number | undefined,
      messages: this.messages,
      ended,
      closedWith,
    };
  }

  private take(bytes: Buffer): void {
    this.pieces.push(bytes);
    this.pending += bytes.length;
    // Put together only when that completes something: a large message comes in very many pieces.
    while (this.pending >= this.needed) {
      const [first = bytes, ...more] = this.pieces;
      const whole = more.length === 0 ? first : Buffer.concat(this.pieces);
      const end = PREFIX_BYTES + whole.readUInt32BE(1);
      if (whole.length < end) {
        this.pieces = [whole];
        this.needed = end;
        return;
      }
      this.messages.push(whole.subarray(PREFIX_BYTES, end));
      this.pieces = [whole.subarray(end)];
      this.pending = whole.length - end;
      this.needed = PREFIX_BYTES;
    }
  }

  private look(): void {
    this.watchers.forEach((watcher) => watcher());
  }
}

/** One message as gRPC frames it. */
export const framed = (message: Uint8Array, { compressed = false, length = message.length } = {}): Buffer => {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt8(compressed ? 1 : 0, 0);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
};
