import { Controller, Get, Header, Inject, Param, ParseIntPipe, Req, StreamableFile } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { inJapan } from '../../kernel/calendar.js';
import { refusal } from '../../kernel/refusal.js';
import { Answers, listOf, moment, shape, text, whole } from '../http/documented.js';
import { Refused } from '../http/refused.js';
import { Open } from '../http/session-guard.js';
import { type KeptMail, Mailbox } from './mailbox.js';
import { listPage, mailPage } from './pages.js';

const LOOPBACK_ADDRESS = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;
const LOOPBACK_NAME = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/**
 * The mails hold what opens other people's accounts. So only somebody at this machine sees them, by this
 * machine's own name (another name could be a hostile page's) and not through a proxy (everybody would
 * seem to be here). To all others the mailbox is not there.
 */
const assertHere = ({ ip, headers }: FastifyRequest): void => {
  const forwarded = headers['x-forwarded-for'] ?? headers['forwarded'] ?? headers['x-real-ip'] ?? headers['via'];
  const isHere = LOOPBACK_ADDRESS.test(ip) && LOOPBACK_NAME.test(headers.host ?? '') && forwarded === undefined;
  if (!isHere) throw new Refused(refusal('NOT_FOUND'));
};

const orNotFound = <T>(found: T | null | undefined): T => {
  if (found === null || found === undefined) throw new Refused(refusal('NOT_FOUND'));
  return found;
};

const MAIL = shape({
  id: text,
  receivedAt: moment,
  to: text,
  subject: text,
  text,
  html: text,
  attachments: listOf(shape({ fileName: text, mediaType: text, sizeBytes: whole })),
});

const item = ({ receivedAt, attachments, ...mail }: KeptMail) => ({
  ...mail,
  receivedAt: inJapan(new Date(receivedAt)),
  attachments: attachments.map(({ content, ...named }) => ({
    ...named,
    sizeBytes: Buffer.from(content, 'base64').length,
  })),
});

/** For programs: what the tests and the demo read. */
@Controller('development/mails')
@Open()
export class MailboxController {
  constructor(@Inject(Mailbox) private readonly mailbox: Mailbox) {}

  @Get()
  @Answers(200, shape({ items: listOf(MAIL) }), 'NOT_FOUND')
  async list(@Req() request: FastifyRequest) {
    assertHere(request);
    return { items: (await this.mailbox.list()).map(item) };
  }

  @Get(':id/attachments/:index')
  @Answers(200, null, 'NOT_FOUND')
  async attachment(
    @Req() request: FastifyRequest,
    @Param('id') id: string,
    @Param('index', ParseIntPipe) index: number,
  ) {
    assertHere(request);
    const { content, fileName, mediaType: type } = orNotFound((await this.mailbox.find(id))?.attachments[index]);
    const disposition = `attachment; filename*=UTF-8''${encodeURIComponent(fileName)}`;
    return new StreamableFile(Buffer.from(content, 'base64'), { type, disposition });
  }
}

const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; frame-ancestors 'none'";
/** A mail's own page runs nothing, loads nothing, and is a stranger to the service it came from. */
const MAIL_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox allow-popups";

/** For people: the mails as a mail program would show them. */
@Controller('mailbox')
@ApiExcludeController()
@Open()
export class MailboxPagesController {
  constructor(@Inject(Mailbox) private readonly mailbox: Mailbox) {}

  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', PAGE_POLICY)
  async list(@Req() request: FastifyRequest): Promise<string> {
    assertHere(request);
    return listPage(await this.mailbox.list());
  }

  @Get(':id')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', PAGE_POLICY)
  async mail(@Req() request: FastifyRequest, @Param('id') id: string): Promise<string> {
    assertHere(request);
    return mailPage(orNotFound(await this.mailbox.find(id)));
  }

  @Get(':id/html')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', MAIL_POLICY)
  @Header('x-frame-options', 'SAMEORIGIN')
  async html(@Req() request: FastifyRequest, @Param('id') id: string): Promise<string> {
    assertHere(request);
    return orNotFound(await this.mailbox.find(id)).html;
  }
}
