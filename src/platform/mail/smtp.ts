import { createTransport, type SendMailOptions, type Transporter } from 'nodemailer';
import { type Mail, Post, type Posted } from './post.js';

const CONNECT_MAX_MS = 20_000;
const SILENCE_MAX_MS = 30_000;
const REASON_MAX = 200;
const CONNECTIONS_MAX = 5;
/** Commands whose refusal speaks of this mail; a refused greeting, login or sender speaks of the configuration. */
const ABOUT_THE_MAIL = ['RCPT TO', 'DATA'];

type SmtpError = Error & { code?: string; command?: string; responseCode?: number; response?: string };

/** Servers like to repeat the address in their answer; it is nobody's business but the receiver's. */
const reasonOf = ({ code, response, message }: SmtpError): string =>
  `${code ?? 'FAILED'}: ${response ?? message}`.replace(/\S+@\S+/g, '[address]').slice(0, REASON_MAX);

/** What a mail is made of, and who is told when its last byte goes out. */
type Handed = SendMailOptions & { onHandedOver: () => void };

const isFinal = ({ command = '', responseCode = 0 }: SmtpError): boolean =>
  responseCode >= 500 && responseCode < 600 && ABOUT_THE_MAIL.includes(command);

export class SmtpPost extends Post {
  private readonly transport: Transporter;

  constructor(
    url: string,
    private readonly from: string,
    /** Rather no mail than one that everybody on the way can read. */
    requireTls: boolean,
  ) {
    super();
    this.transport = createTransport({
      url,
      requireTLS: requireTls,
      // Kept open between mails; a burst of them waits here instead of opening a connection each.
      pool: true,
      maxConnections: CONNECTIONS_MAX,
      // How often and when to try again is told in one place, by the process.
      maxRequeues: 0,
      connectionTimeout: CONNECT_MAX_MS,
      greetingTimeout: CONNECT_MAX_MS,
      socketTimeout: SILENCE_MAX_MS,
      // What a template holds is text; it must not name a file or an address to be read here.
      disableFileAccess: true,
      disableUrlAccess: true,
    } as never);
    this.transport.use('stream', ({ data, message }, done) => {
      message.processFunc((bytes) => bytes.once('end', (data as Handed).onHandedOver));
      done();
    });
  }

  async send(mail: Mail): Promise<Posted> {
    let handedOver = false;
    try {
      await this.transport.sendMail(this.handed(mail, () => (handedOver = true)));
      return { outcome: 'sent' };
    } catch (error) {
      const failure = error as SmtpError;
      // A code is an answer: the server did not take it. Silence after the last byte says nothing.
      const mayHaveArrived = handedOver && failure.responseCode === undefined;
      const told = { outcome: isFinal(failure) ? 'never' : 'later', reason: reasonOf(failure) } as const;
      return mayHaveArrived ? { ...told, mayHaveArrived } : told;
    }
  }

  private handed({ messageId, to, subject, text, html, attachments }: Mail, onHandedOver: () => void): Handed {
    return {
      onHandedOver,
      messageId,
      from: this.from,
      // As an object: a comma in it must never become a second receiver.
      to: { name: '', address: to },
      subject,
      text,
      html,
      attachments: attachments.map(({ fileName, mediaType, content }) => ({
        filename: fileName,
        contentType: mediaType,
        content,
      })),
      // No "out of office" answers to a machine.
      headers: { 'Auto-Submitted': 'auto-generated' },
    };
  }

  close(): Promise<void> {
    this.transport.close();
    return Promise.resolve();
  }
}
