import type { Links } from '../access/links.js';
import type { Passwords } from '../access/passwords.js';
import type { Attachment, MailRequest, MailSecrets, MailTemplate, Standpoint } from './template.js';

export type Letter = Readonly<{ subject: string; text: string; html: string; attachments: readonly Attachment[] }>;

const MASK = '••••••••';
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);

const htmlOf = (text: string): string => {
  const linked = escaped(text).replace(/https?:\/\/[^\s<]+/g, (url) => `<a href="${url}">${url}</a>`);
  return `<!doctype html><html lang="ja"><body><p>${linked.replaceAll('\n', '<br>\n')}</p></body></html>`;
};

const urlOf = (publicUrl: string, path: string, linkId: string, token: string): string =>
  `${publicUrl}${path}${path.includes('?') ? '&' : '?'}link=${encodeURIComponent(linkId)}&onetimetoken=${token}`;

/** Writes mails from what was asked for, with the secrets for their receiver and without them for everybody else. */
export class Letters {
  private readonly byKind: ReadonlyMap<string, MailTemplate>;
  private readonly open: MailSecrets;
  private readonly masked: MailSecrets;

  constructor(templates: readonly MailTemplate[], links: Links, passwords: Passwords, publicUrl: string) {
    this.byKind = new Map(templates.map((template) => [template.kind, template]));
    if (this.byKind.size !== templates.length) throw new Error('two mails share one kind');
    const address = (path: string) => publicUrl + path;
    this.open = {
      address,
      link: (path, linkId) => urlOf(publicUrl, path, linkId, links.tokenOf(linkId)),
      initialPassword: (credentialId) => passwords.initial(credentialId),
    };
    this.masked = {
      address,
      link: (path, linkId) => urlOf(publicUrl, path, linkId, MASK),
      initialPassword: () => MASK,
    };
  }

  get kinds(): readonly string[] {
    return [...this.byKind.keys()];
  }

  forReceiver(request: MailRequest): Promise<Letter> {
    return this.written(request, this.open);
  }

  /** As the back office may see it. */
  withoutSecrets(request: MailRequest): Promise<Letter> {
    return this.written(request, this.masked);
  }

  /** Why it is no longer worth sending; null while it is. */
  async outdated(request: MailRequest, at: Standpoint): Promise<string | null> {
    return (await this.templateOf(request).outdated?.(request, at)) ?? null;
  }

  private async written(request: MailRequest, secrets: MailSecrets): Promise<Letter> {
    const written = await this.templateOf(request).write(request, secrets);
    const { subject, text, html = htmlOf(text), attachments = [] } = written;
    return { subject, text, html, attachments };
  }

  private templateOf({ kind }: MailRequest): MailTemplate {
    const template = this.byKind.get(kind);
    if (!template) throw new Error(`nobody writes mails of the kind ${kind}`);
    return template;
  }
}
