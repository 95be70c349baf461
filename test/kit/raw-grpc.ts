import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, constants, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2';

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
  /** Resets the call once the chunks have been sent, without having ended it. */
  readonly cutOff?: boolean;
  /** Resolves the call early, as soon as so many messages have come. */
  readonly untilMessages?: number;
  readonly patienceMs?: number;
}

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
    const { chunks = [], halfClose = true, cutOff = false, untilMessages = Infinity, patienceMs = 5_000 } = call;
    const stream = this.open(call);
    let headers: IncomingHttpHeaders = {};
    const received: Buffer[] = [];
    const messages = (): Buffer[] => messagesIn(Buffer.concat(received));
    stream.on('error', () => undefined);
    const note = (more: IncomingHttpHeaders) => (headers = { ...headers, ...more });
    stream.on('response', note).on('trailers', note);
    const enough = new Promise<void>((resolve) =>
      stream.on('data', (bytes: Buffer) => {
        received.push(bytes);
        if (untilMessages < Infinity && messages().length >= untilMessages) resolve();
      }),
    );
    const closed = new Promise<void>((resolve) => stream.once('close', resolve));
    for (const chunk of chunks) {
      if (!stream.writable) break;
      if (!stream.write(chunk)) await Promise.race([once(stream, 'drain'), closed]);
    }
    if (cutOff) setTimeout(() => stream.destroy(), 20);
    else if (halfClose) stream.end();
    const ended = await withinMs(patienceMs, closed, enough);
    const closedWith = stream.rstCode;
    stream.close(constants.NGHTTP2_CANCEL);
    const status = headers['grpc-status'];
    return {
      status: status === undefined ? undefined : Number(status),
      message: decodeURI(String(headers['grpc-message'] ?? '')),
      httpStatus: headers[':status'] as unknown as number | undefined,
      messages: messages(),
      ended,
      closedWith,
    };
  }

  open({ path, headers = {} }: RawCall) {
    return this.session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...(this.authorization === undefined ? {} : { authorization: this.authorization }),
      ...headers,
    });
  }
}

/** One message as gRPC frames it. */
export const framed = (message: Uint8Array, { compressed = false, length = message.length } = {}): Buffer => {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(compressed ? 1 : 0, 0);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
};

const messagesIn = (bytes: Buffer): Buffer[] => {
  const messages: Buffer[] = [];
  for (let at = 0; at + 5 <= bytes.length;) {
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    if (end > bytes.length) break;
    messages.push(bytes.subarray(at + 5, end));
    at = end;
  }
  return messages;
};

const withinMs = async (patienceMs: number, ...ends: Promise<void>[]): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), patienceMs)));
  const ended = await Promise.race([...ends.map((end) => end.then(() => true)), tooLate]);
  clearTimeout(timer);
  return ended;
};
