import { BOLD, japanesePdf, MARGIN, type Pdf, REGULAR } from '../../platform/papers/japanese-pdf.js';
import type { Billing, OrderLine } from './purchase.messages.js';

/** Who sells. The registration number makes the invoice count for the buyer's tax deduction. */
export type Seller = Readonly<{
  name: string;
  registrationNumber: string;
  postalCode: string;
  address: string;
  phone: string;
  bankAccount: string;
}>;

export type Invoice = Readonly<{
  invoiceNo: string;
  orderNo: string;
  issuedOn: string;
  paymentDueOn: string;
  billing: Billing;
  lines: readonly OrderLine[];
  totalYen: number;
  taxPercent: number;
  taxYen: number;
  grandTotalYen: number;
  seller: Seller;
}>;

const LEFT = MARGIN;
const RIGHT = 595 - MARGIN;
const WIDTH = RIGHT - LEFT;
const ROW = 24;
const COLUMNS = [
  { head: '品目', at: LEFT, width: 245, align: 'left' },
  { head: '数量', at: LEFT + 245, width: 60, align: 'right' },
  { head: '単価', at: LEFT + 305, width: 90, align: 'right' },
  { head: '金額(税別)', at: LEFT + 395, width: 100, align: 'right' },
] as const;

export const yen = (amount: number): string => `¥${amount.toLocaleString('ja-JP')}`;
const dateOf = (day: string): string => {
  const [year, month, date] = day.split('-');
  return `${year}年${Number(month)}月${Number(date)}日`;
};

const rule = (pdf: Pdf, y: number) => pdf.moveTo(LEFT, y).lineTo(RIGHT, y).lineWidth(0.5).stroke('#888888');

/** Nobody must take an invoice of an unconfigured service for a real one. */
const SAMPLE_REGISTRATION = 'T0000000000000';
const markSample = (pdf: Pdf): void => {
  const warning = '見本 (登録番号が設定されていないため、有効な請求書ではありません)';
  pdf.font(BOLD).fontSize(11).fill('#b00020').text(warning, LEFT, 36).fill('#000000').font(REGULAR);
};

const heading = (pdf: Pdf, { invoiceNo, orderNo, issuedOn }: Invoice): void => {
  pdf.font(BOLD).fontSize(22).text('請求書', LEFT, 60, { width: WIDTH, align: 'center', characterSpacing: 8 });
  pdf.font(REGULAR).fontSize(9);
  const lines = [`請求書番号: ${invoiceNo}`, `注文番号: ${orderNo}`, `発行日: ${dateOf(issuedOn)}`];
  lines.forEach((line, index) => pdf.text(line, LEFT, 105 + index * 14, { width: WIDTH, align: 'right' }));
};

const buyer = (pdf: Pdf, { billing }: Invoice): void => {
  const { companyName, department, contactName, postalCode, address } = billing;
  pdf.font(BOLD).fontSize(13).text(`${companyName} 御中`, LEFT, 160, { width: 280 });
  pdf.font(REGULAR).fontSize(9);
  for (const line of [department, `${contactName} 様`, `〒${postalCode}`, address].filter((text) => text !== ''))
    pdf.text(line, LEFT, pdf.y + 3, { width: 270 });
};

const sellerBlock = (pdf: Pdf, { name, registrationNumber, postalCode, address, phone }: Seller): void => {
  const at = { width: 200 };
  pdf
    .font(BOLD)
    .fontSize(11)
    .text(name, RIGHT - 200, 160, at)
    .font(REGULAR)
    .fontSize(9);
  for (const line of [`登録番号: ${registrationNumber}`, `〒${postalCode}`, address, `電話: ${phone}`])
    pdf.text(line, RIGHT - 200, pdf.y + 3, at);
};

const table = (pdf: Pdf, lines: readonly OrderLine[], top: number): number => {
  const row = (cells: readonly string[], y: number) =>
    COLUMNS.forEach(({ at, width, align }, index) => pdf.text(cells[index]!, at, y + 7, { width: width - 6, align }));
  pdf.rect(LEFT, top, WIDTH, ROW).fill('#eeeeee').fill('#000000').font(BOLD).fontSize(9);
  row(
    COLUMNS.map(({ head }) => head),
    top,
  );
  pdf.font(REGULAR);
  let y = top + ROW;
  for (const { termYears, quantity, unitPriceYen, subtotalYen } of lines.filter((line) => line.quantity > 0)) {
    row([`電子証明書発行チケット ${termYears}年物`, String(quantity), yen(unitPriceYen), yen(subtotalYen)], y);
    y += ROW;
    rule(pdf, y);
  }
  return y;
};

/** The law asks for the amount per tax rate and the tax on it, each named as such. */
const sums = (pdf: Pdf, { totalYen, taxPercent, taxYen, grandTotalYen }: Invoice, top: number): void => {
  const rows = [
    ['小計(税別)', yen(totalYen)],
    [`${taxPercent}%対象 (税別)`, yen(totalYen)],
    [`消費税 (${taxPercent}%)`, yen(taxYen)],
  ];
  rows.forEach(([label, amount], index) => {
    const y = top + 12 + index * 18;
    pdf.text(label!, RIGHT - 220, y, { width: 110 }).text(amount!, RIGHT - 110, y, { width: 104, align: 'right' });
  });
  const y = top + 12 + rows.length * 18 + 4;
  rule(pdf, y);
  pdf
    .font(BOLD)
    .fontSize(12)
    .text('ご請求金額(税込)', RIGHT - 220, y + 8, { width: 120 });
  pdf
    .text(yen(grandTotalYen), RIGHT - 110, y + 8, { width: 104, align: 'right' })
    .font(REGULAR)
    .fontSize(9);
};

/** A qualified invoice under the Japanese consumption tax act, one page. */
export const invoicePdf = (invoice: Invoice): Promise<Buffer> => {
  const { invoiceNo, issuedOn, paymentDueOn, grandTotalYen, seller: from } = invoice;
  const facts = { title: `請求書 ${invoiceNo}`, author: from.name, madeAt: new Date(`${issuedOn}T00:00:00+09:00`) };
  return japanesePdf(facts, (pdf) => {
    if (from.registrationNumber === SAMPLE_REGISTRATION) markSample(pdf);
    heading(pdf, invoice);
    buyer(pdf, invoice);
    const buyerEnds = pdf.y;
    sellerBlock(pdf, from);
    // However many lines names and addresses take, the table begins below them.
    const top = Math.max(275, buyerEnds + 20, pdf.y + 20);
    pdf.fontSize(9).text('下記のとおりご請求申し上げます。', LEFT, top).font(BOLD).fontSize(14);
    pdf.text(`ご請求金額 ${yen(grandTotalYen)} (税込)`, LEFT, top + 20);
    pdf.font(REGULAR).fontSize(9);
    const end = table(pdf, invoice.lines, top + 55);
    sums(pdf, invoice, end);
    pdf.text(`お支払期限: ${dateOf(paymentDueOn)}`, LEFT, end + 20, { width: 240 });
    pdf.text(`お振込先: ${from.bankAccount}`, LEFT, end + 38, { width: 240 });
  });
};
