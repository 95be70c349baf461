import type { Kysely } from 'kysely';
import type { Clock } from '../../kernel/clock.js';
import type { Vault } from '../vault/vault.js';
import { type Mail, Post, type Posted } from './post.js';
import { migrate, type Step } from '../sql/migrations.js';

const PURPOSE = 'development-mail';
const MAILS_MAX = 1_000;

export type MailboxTables = { development_mails: { mail_id: string; received_at: string } };

type KeptAttachment = Readonly<{ fileName: string; mediaType: string; content: string }>;
export type KeptMail = Readonly<{
  id: string;
  receivedAt: string;
  to: string;
  subject: string;
  text: string;
  html: string;
  attachments: readonly KeptAttachment[];
}>;

const entryOf = (mailId: string): string => `${PURPOSE}:${mailId}`;
const idOf = (messageId: string): string => messageId.slice(1, messageId.indexOf('@'));

const STEPS: readonly Step[] = [
  {
    kind: 'expand',
    up: async (tx) => {
      await tx.schema
        .createTable('development_mails')
        .ifNotExists()
        .addColumn('mail_id', 'text', (c) => c.primaryKey())
        .addColumn('received_at', 'text', (c) => c.notNull())
        .execute();
    },
  },
];

/**
 * Where mails land while no mail server is named. They hold links that open things, so they lie sealed in
 * the vault. Like a mail program it keeps a mail with the same Message-ID once.
 */
export class Mailbox extends Post {
  constructor(
    private readonly db: Kysely<MailboxTables>,
    private readonly vault: Vault,
    private readonly clock: Clock,
  ) {
    super();
  }

  prepare(): Promise<void> {
    return migrate(this.db, 'mailbox', STEPS);
  }

  async send({ messageId, to, subject, text, html, attachments }: Mail): Promise<Posted> {
    const mail_id = idOf(messageId);
    const now = this.clock.now();
    const kept = {
      to,
      subject,
      text,
      html,
      attachments: attachments.map(({ content, ...named }) => ({ ...named, content: content.toString('base64') })),
    };
    await this.vault.put(entryOf(mail_id), PURPOSE, Buffer.from(JSON.stringify(kept)), now);
    const row = { mail_id, received_at: now.toISOString() };
    await this.db
      .insertInto('development_mails')
      .values(row)
      .onConflict((c) => c.doNothing())
      .execute();
    await this.forgetOldest();
    return { outcome: 'sent' };
  }

  /** Newest first. */
  async list(): Promise<readonly KeptMail[]> {
    const rows = await this.rows().limit(MAILS_MAX).execute();
    const mails = await Promise.all(rows.map(({ mail_id }) => this.find(mail_id)));
    return mails.filter((mail) => mail !== null);
  }

  async find(mailId: string): Promise<KeptMail | null> {
    const row = await this.db
      .selectFrom('development_mails')
      .selectAll()
      .where('mail_id', '=', mailId)
      .executeTakeFirst();
    const sealed = row && (await this.vault.get(entryOf(mailId), PURPOSE));
    if (!row || !sealed) return null;
    const kept = JSON.parse(sealed.toString()) as Omit<KeptMail, 'id' | 'receivedAt'>;
    return { id: mailId, receivedAt: row.received_at, ...kept };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private rows() {
    return this.db.selectFrom('development_mails').selectAll().orderBy('received_at', 'desc').orderBy('mail_id');
  }

  private async forgetOldest(): Promise<void> {
    for (const { mail_id } of await this.rows().offset(MAILS_MAX).limit(100).execute()) {
      await this.vault.delete(entryOf(mail_id));
      await this.db.deleteFrom('development_mails').where('mail_id', '=', mail_id).execute();
    }
  }
}
