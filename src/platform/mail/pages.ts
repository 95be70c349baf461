import { inJapan } from '../../kernel/calendar.js';
import { escaped } from './letters.js';
import type { KeptMail } from './mailbox.js';

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #222; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #ddd; vertical-align: top; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f6f6f6; padding: 1rem; }
  iframe { width: 100%; height: 24rem; border: 1px solid #ddd; }
  .empty { color: #666; }
`;

const page = (title: string, body: string): string => `<!doctype html>
<html lang="ja">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title>
<style>${STYLE}</style></head>
<body>${body}</body>
</html>`;

const at = (moment: string): string => inJapan(new Date(moment)).slice(0, 19).replace('T', ' ');

const row = ({ id, receivedAt, to, subject }: KeptMail): string =>
  `<tr><td>${at(receivedAt)}</td><td>${escaped(to)}</td><td><a href="/mailbox/${encodeURIComponent(id)}">${escaped(subject)}</a></td></tr>`;

export const listPage = (mails: readonly KeptMail[]): string =>
  page(
    '開発用メールボックス / Development mailbox',
    `<h1>開発用メールボックス</h1>
<p>Mails that the service would send. Set <code>SMTP_URL</code> to send them for real.</p>
${
  mails.length === 0
    ? '<p class="empty">まだメールはありません。 No mail yet.</p>'
    : `<table><tr><th>受信日時</th><th>宛先</th><th>件名</th></tr>${mails.map(row).join('')}</table>`
}`,
  );

const attachmentOf =
  (id: string) =>
  ({ fileName }: { fileName: string }, index: number): string =>
    `<li><a href="/api/v1/development/mails/${encodeURIComponent(id)}/attachments/${index}">${escaped(fileName)}</a></li>`;

const linked = (text: string): string =>
  escaped(text).replace(/https?:\/\/[^\s<]+/g, (url) => `<a href="${url}" rel="noreferrer">${url}</a>`);

export const mailPage = ({ id, receivedAt, to, subject, text, attachments }: KeptMail): string =>
  page(
    subject,
    `<p><a href="/mailbox">← 一覧 / all mails</a></p>
<h1>${escaped(subject)}</h1>
<table><tr><th>受信日時</th><td>${at(receivedAt)}</td></tr><tr><th>宛先</th><td>${escaped(to)}</td></tr></table>
${attachments.length === 0 ? '' : `<h2>添付ファイル</h2><ul>${attachments.map(attachmentOf(id)).join('')}</ul>`}
<h2>本文</h2><pre>${linked(text)}</pre>
<h2>HTML</h2><iframe src="/mailbox/${encodeURIComponent(id)}/html" title="HTML"></iframe>`,
  );
