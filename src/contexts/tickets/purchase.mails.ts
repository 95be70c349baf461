import { inJapan } from '../../kernel/calendar.js';
import type { MailTemplate } from '../../platform/mail/template.js';
import { type Invoice, invoicePdf, yen } from './invoice.paper.js';
import type { TicketNumbers } from './numbers.js';
import { purchaseById } from './purchase.lookups.js';
import { PURCHASE_MAILS, PURCHASE_REMINDER } from './purchase.mail-orders.js';
import type { OrderLine } from './purchase.messages.js';
import { ticketListXlsx } from './ticket-list.paper.js';

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

const linesText = (lines: readonly OrderLine[]): string =>
  lines
    .map(
      ({ termYears, quantity, unitPriceYen, subtotalYen }) =>
        `  ${termYears}年物  ${yen(unitPriceYen)} × ${quantity}枚 = ${yen(subtotalYen)}`,
    )
    .join('\n');

const linkOutdated: MailTemplate['outdated'] = async ({ processId }, { decisions, now }) => {
  const purchase = await purchaseById(decisions, processId);
  const waits = purchase?.status === 'LinkSent' || purchase?.status === 'Entering';
  return waits && now.toISOString() < purchase.expiresAt ? null : 'the link is not in force any more';
};

const purchaseLink: MailTemplate = {
  kind: PURCHASE_MAILS.link,
  outdated: linkOutdated,
  write: ({ processId, facts }, { link }) => ({
    subject: '電子証明書発行チケット ご購入手続きのご案内',
    text: [
      'このたびは電子証明書発行チケットの購入をお申込みいただき、ありがとうございます。',
      '次のURLから購入手続きをお進めください。URLの有効期限は3日間です。',
      '',
      link(`/api/v1/e-contract/ticket-purchases/${processId}/link`, facts['linkId']!),
      '',
      '有効期限を過ぎた場合は、お手数ですが最初からお手続きください。',
      'このメールにお心当たりのない場合は、破棄してください。',
    ].join('\n'),
  }),
};

const purchaseReminder: MailTemplate = {
  kind: PURCHASE_REMINDER,
  outdated: linkOutdated,
  write: ({ processId, facts }, { link }) => ({
    subject: '【再送】電子証明書発行チケット ご購入手続きのご案内',
    text: [
      '電子証明書発行チケットのご購入手続きが完了していません。',
      '次のURLの有効期限は残り24時間以内です。期限までに購入手続きをお済ませください。',
      '',
      link(`/api/v1/e-contract/ticket-purchases/${processId}/link`, facts['linkId']!),
      '',
      `有効期限: ${inJapan(new Date(facts['expiresAt']!)).slice(0, 16).replaceAll('-', '/').replace('T', ' ')}`,
      '',
      '有効期限を過ぎた場合は、お手数ですが最初からお手続きください。',
      'ご購入の必要がなくなった場合やお心当たりのない場合は、このメールを破棄してください。',
    ].join('\n'),
  }),
};

const orderAcceptance: MailTemplate = {
  kind: PURCHASE_MAILS.acceptance,
  write: ({ facts }) => ({
    subject: '注文受付のご案内',
    text: [
      'ご注文を受け付けました。',
      '',
      `注文番号: ${facts['orderNo']}`,
      linesText(JSON.parse(facts['lines']!) as OrderLine[]),
      `合計金額(税別): ${yen(Number(facts['totalYen']))}`,
      '',
      'チケット番号と請求書は、数時間後に別のメールでお送りします。',
    ].join('\n'),
  }),
};

type Issued = Readonly<{ ticketId: string; termYears: number }>;

/** The only mail that carries ticket numbers: they are made from the tickets' ids when it is written. */
const ticketsAndInvoice = (numbers: TicketNumbers): MailTemplate => ({
  kind: PURCHASE_MAILS.tickets,
  write: async ({ facts }) => {
    const invoice = JSON.parse(facts['invoice']!) as Invoice;
    const tickets = (JSON.parse(facts['tickets']!) as Issued[]).map(({ ticketId, termYears }) => ({
      number: numbers.numberOf(ticketId),
      termYears,
      companyCode: facts['companyCode']!,
    }));
    return {
      subject: '電子証明書発行チケットおよび請求書のお届け',
      text: [
        `ご注文番号 ${invoice.orderNo} の電子証明書発行チケット ${tickets.length}枚と請求書をお届けします。`,
        'チケット番号は添付のExcelファイルをご覧ください。お支払いの完了を待たずにご利用いただけます。',
        '',
        `請求書番号: ${invoice.invoiceNo}`,
        `ご請求金額(税込): ${yen(invoice.grandTotalYen)}`,
        `お支払期限: ${invoice.paymentDueOn}`,
        '',
        'チケット番号は第三者に知られないように保管してください。',
      ].join('\n'),
      attachments: [
        { fileName: `tickets-${invoice.orderNo}.xlsx`, mediaType: XLSX, content: await ticketListXlsx(tickets) },
        {
          fileName: `invoice-${invoice.invoiceNo}.pdf`,
          mediaType: 'application/pdf',
          content: await invoicePdf(invoice),
        },
      ],
    };
  },
});

export const purchaseMails = (numbers: TicketNumbers): readonly MailTemplate[] => [
  purchaseLink,
  purchaseReminder,
  orderAcceptance,
  ticketsAndInvoice(numbers),
];
