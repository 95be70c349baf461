import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

export type Taken = Readonly<{ from: string; to: readonly string[]; raw: Buffer; mail: Email }>;

/** What a server may say instead of taking a mail. */
export type Refusing = Readonly<{ at: 'rcpt' | 'data'; code: number; text: string }> | 'hang up' | null;

export type SmtpSink = Readonly<{
  url: string;
  taken: readonly Taken[];
  /** Tries so far, whether or not they came to anything. */
  tries: () => number;
  /** How the server behaves from now on; null: it takes everything. */
  behave: (as: Refusing) => void;
  /** Called with each mail, after it was kept and before the server says so. */
  whenTaken: (hook: (() => Promise<void>) | null) => void;
  stop: () => Promise<void>;
}>;

const refusalOf = ({ code, text }: Exclude<Refusing, 'hang up' | null>): Error =>
  Object.assign(new Error(text), { responseCode: code });

/** A real mail server, as far as SMTP goes, that keeps what it takes. */
export const smtpSink = async (port = 0): Promise<SmtpSink> => {
  const taken: Taken[] = [];
  let tries = 0;
  let behaviour: Refusing = null;
  let hook: (() => Promise<void>) | null = null;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onConnect: (_, done) => {
      tries += 1;
      done(behaviour === 'hang up' ? Object.assign(new Error('try later'), { responseCode: 421 }) : null);
    },
    onRcptTo: (_, __, done) =>
      done(behaviour !== null && behaviour !== 'hang up' && behaviour.at === 'rcpt' ? refusalOf(behaviour) : null),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (behaviour !== null && behaviour !== 'hang up') return done(refusalOf(behaviour));
        const raw = Buffer.concat(chunks);
        const { mailFrom, rcptTo } = session.envelope;
        void PostalMime.parse(raw).then(async (mail) => {
          const from = mailFrom === false ? '' : mailFrom.address;
          taken.push({ from, to: rcptTo.map(({ address }) => address), raw, mail });
          await hook?.();
          done();
        });
      });
    },
  });
  server.on('error', () => undefined);
  server.listen(port, '127.0.0.1');
  await once(server.server, 'listening');
  const { port: bound } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${bound}`,
    taken,
    tries: () => tries,
    behave: (as) => (behaviour = as),
    whenTaken: (next) => (hook = next),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
};
