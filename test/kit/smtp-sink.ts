import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

export type Taken = Readonly<{ from: string; to: readonly string[]; raw: Buffer; mail: Email }>;

/** What a server may say instead of taking a mail. */
export type Refusing =
  | Readonly<{ at: 'auth' | 'mail' | 'rcpt' | 'data'; code: number; text: string }>
  | 'hang up'
  /** The line breaks after the last byte of a mail and before the answer. */
  | 'take and say nothing'
  | null;

export type SmtpSink = Readonly<{
  url: string;
  taken: readonly Taken[];
  /** Tries so far, whether or not they came to anything. */
  tries: () => number;
  /** Connections that were opened so far. */
  connections: () => number;
  /** How the server behaves from now on; null: it takes everything. */
  behave: (as: Refusing) => void;
  /** Called with each mail, after it was kept and before the server says so. */
  whenTaken: (hook: (() => Promise<void>) | null) => void;
  stop: () => Promise<void>;
}>;

const HANGING_UP = Object.assign(new Error('try later'), { responseCode: 421 });

/** A real mail server, as far as SMTP goes, that keeps what it takes. */
export const smtpSink = async (port = 0, maxClients = 1_000): Promise<SmtpSink> => {
  const taken: Taken[] = [];
  let tries = 0;
  let connections = 0;
  let behaviour: Refusing = null;
  let hook: (() => Promise<void>) | null = null;
  const refusing = (at: 'auth' | 'mail' | 'rcpt' | 'data'): Error | null => {
    if (behaviour === null || behaviour === 'take and say nothing') return null;
    if (behaviour === 'hang up') return HANGING_UP;
    return behaviour.at === at ? Object.assign(new Error(behaviour.text), { responseCode: behaviour.code }) : null;
  };
  const sockets = new Set<Socket>();
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    maxClients,
    onConnect: (_, done) => {
      connections += 1;
      if (behaviour !== 'hang up') return done();
      tries += 1;
      done(HANGING_UP);
    },
    onAuth: (_, __, done) => {
      const refusal = refusing('auth');
      if (refusal) done(refusal);
      else done(null, { user: 'anybody' });
    },
    // A connection may be kept for several mails, so it is here that a try begins.
    onMailFrom: (_, __, done) => {
      tries += 1;
      done(refusing('mail'));
    },
    onRcptTo: (_, __, done) => done(refusing('rcpt')),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const refusal = refusing('data');
        if (refusal) return done(refusal);
        const raw = Buffer.concat(chunks);
        const { mailFrom, rcptTo } = session.envelope;
        void PostalMime.parse(raw).then(async (mail) => {
          const from = mailFrom === false ? '' : mailFrom.address;
          taken.push({ from, to: rcptTo.map(({ address }) => address), raw, mail });
          if (behaviour === 'take and say nothing') return sockets.forEach((socket) => socket.destroy());
          await hook?.();
          done();
        });
      });
    },
  });
  server.on('error', () => undefined);
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(port, '127.0.0.1');
  await once(server.server, 'listening');
  const { port: bound } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${bound}`,
    taken,
    tries: () => tries,
    connections: () => connections,
    behave: (as) => (behaviour = as),
    whenTaken: (next) => (hook = next),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
};
