import type { NestFastifyApplication } from '@nestjs/platform-fastify';

export type ReceivedMail = Readonly<{
  id: string;
  receivedAt: string;
  to: string;
  subject: string;
  text: string;
  html: string;
  attachments: readonly Readonly<{ fileName: string; mediaType: string; sizeBytes: number }>[];
  /** The addresses in the text, as somebody would click them. */
  links: readonly URL[];
}>;

const linksIn = (text: string): URL[] => (text.match(/https?:\/\/\S+/g) ?? []).map((link) => new URL(link));

/** The development mailbox, oldest first, as a person at this machine reads it. */
export const mailsOf = async (app: NestFastifyApplication, to?: string): Promise<readonly ReceivedMail[]> => {
  const { statusCode, body } = await app.inject({
    url: '/api/v1/development/mails',
    remoteAddress: '127.0.0.1',
    headers: { host: 'localhost' },
  });
  if (statusCode !== 200) throw new Error(`the mailbox answers ${statusCode}: ${body}`);
  const { items } = JSON.parse(body) as { items: Omit<ReceivedMail, 'links'>[] };
  return items
    .map((mail) => ({ ...mail, links: linksIn(mail.text) }))
    .filter((mail) => to === undefined || mail.to === to)
    .reverse();
};

/** What somebody gets who clicks on an attachment. */
export const attachmentOf = async (
  app: NestFastifyApplication,
  { id }: ReceivedMail,
  index: number,
): Promise<Buffer> => {
  const { statusCode, rawPayload } = await app.inject({
    url: `/api/v1/development/mails/${id}/attachments/${index}`,
    remoteAddress: '127.0.0.1',
    headers: { host: 'localhost' },
  });
  if (statusCode !== 200) throw new Error(`the mailbox answers ${statusCode}`);
  return rawPayload;
};
