import type { Decisions } from '../commands/decisions.js';

/** What a context asked to be told to somebody. Facts are no secrets; they may name some. */
export type MailRequest = Readonly<{
  notificationId: string;
  kind: string;
  service: string;
  tenant: string;
  processId: string;
  recipient: string;
  facts: Readonly<Record<string, string>>;
}>;

export type Attachment = Readonly<{ fileName: string; mediaType: string; content: Buffer }>;

export type MailText = Readonly<{
  subject: string;
  text: string;
  /** Made from the text where it is left out. */
  html?: string;
  attachments?: readonly Attachment[];
}>;

/** What only the receiver may read. In the back office the same words show a mask in its place. */
export type MailSecrets = Readonly<{
  /** An address under the public one, open to everybody. */
  address: (path: string) => string;
  /** An address under the public one; the link's id and its token are added to the path. */
  link: (path: string, linkId: string) => string;
  initialPassword: (credentialId: string) => string;
}>;

/** What is recorded by now, for whoever must know whether a mail is still worth sending. */
export type Standpoint = Readonly<{ decisions: Decisions; now: Date }>;

/** One kind of mail. Each context has its own in `mails.ts`; a kind is `<context>.<noun>` and never reused. */
export type MailTemplate = Readonly<{
  kind: string;
  write: (request: MailRequest, secrets: MailSecrets) => MailText | Promise<MailText>;
  /**
   * Asked before each try: why the mail is no longer worth sending (its link is dead, its order cancelled), or
   * null. Nobody is sent it then; the reason is for the back office and names nobody.
   */
  outdated?: (request: MailRequest, at: Standpoint) => string | null | Promise<string | null>;
}>;
