import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import readXlsx from 'read-excel-file/node';
import { describeWhen } from '../../../test/kit/describe-when.js';
import { ownFolder } from '../../../test/kit/own-folder.js';
import { type Invoice, invoicePdf, type Seller } from './invoice.paper.js';
import { ticketListXlsx } from './ticket-list.paper.js';

const folder = ownFolder();
const seller: Seller = {
  name: '見本認証株式会社',
  registrationNumber: 'T0000000000000',
  postalCode: '100-0000',
  address: '東京都千代田区見本1-1-1',
  phone: '03-0000-0000',
  bankAccount: '見本銀行 本店 普通 0000000',
};
const invoice: Invoice = {
  invoiceNo: 'INV-2026-000001',
  orderNo: '20260701-F0F0F0F0',
  issuedOn: '2026-07-01',
  paymentDueOn: '2026-07-31',
  billing: {
    companyName: '髙﨑橋梁㈱①',
    department: '総務部',
    postalCode: '980-0000',
    address: '宮城県仙台市見本1-2-3 見本ビルディング',
    phone: '022-000-0000',
    contactName: '見本 花子',
  },
  lines: [
    { termYears: 1, quantity: 2, unitPriceYen: 3_000, subtotalYen: 6_000 },
    { termYears: 2, quantity: 1, unitPriceYen: 4_500, subtotalYen: 4_500 },
    { termYears: 3, quantity: 0, unitPriceYen: 6_000, subtotalYen: 0 },
  ],
  totalYen: 10_500,
  taxPercent: 10,
  taxYen: 1_050,
  grandTotalYen: 11_550,
  seller,
};

describe('the list of tickets', () => {
  const tickets = [
    { number: '00000-11111-22222-33333-444444', termYears: 1, companyCode: 'EX001' },
    { number: '12345-67890-12345-67890-123456', termYears: 3, companyCode: 'EX001' },
  ];

  it('is a workbook with a row per ticket', async () => {
    const [sheet] = await readXlsx(await ticketListXlsx(tickets));
    expect(sheet).toEqual({
      sheet: 'チケット一覧',
      data: [
        ['チケット番号', '有効期間', '企業コード'],
        ['00000-11111-22222-33333-444444', '1年', 'EX001'],
        ['12345-67890-12345-67890-123456', '3年', 'EX001'],
      ],
    });
  });
});

describe('the invoice', () => {
  it('is the same file whenever it is made', async () => {
    const [one, two] = [await invoicePdf(invoice), await invoicePdf(invoice)];
    expect(one.subarray(0, 5).toString()).toBe('%PDF-');
    expect(one.equals(two)).toBe(true);
    expect(one.equals(await invoicePdf({ ...invoice, taxYen: 1_051 }))).toBe(false);
  });
});

const textOf = (pdf: Buffer): string => {
  const file = join(folder, 'invoice.pdf');
  writeFileSync(file, pdf);
  return spawnSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' }).stdout;
};

const pdftotext = spawnSync('pdftotext', ['-v']).status === 0;
describeWhen(pdftotext, 'the invoice, read by pdftotext', () => {
  it('says what the law on invoices asks for, in characters that every name needs', async () => {
    const text = textOf(await invoicePdf(invoice));
    for (const part of [
      '請求書番号: INV-2026-000001',
      '発行日: 2026年7月1日',
      '髙﨑橋梁㈱① 御中',
      '見本認証株式会社',
      '登録番号: T0000000000000',
      '電子証明書発行チケット 1年物',
      '10%対象',
      '¥10,500',
      '消費税 (10%)',
      '¥1,050',
      '¥11,550',
      'お支払期限: 2026年7月31日',
    ])
      expect(text).toContain(part);
    // Nobody ordered it.
    expect(text).not.toContain('3年物');
  });

  it('keeps the longest names and addresses that may be entered apart from the table, on one page', async () => {
    const billing = {
      companyName: '見'.repeat(60),
      department: '本'.repeat(60),
      postalCode: '980-0000',
      address: '橋'.repeat(120),
      phone: '022-000-0000',
      contactName: '梁'.repeat(40),
    };
    const text = textOf(await invoicePdf({ ...invoice, billing }));
    const lines = text.split('\n');
    const lastOf = (part: string) => lines.findLastIndex((line) => line.includes(part));
    expect(lastOf('橋橋橋')).toBeLessThan(lastOf('下記のとおり'));
    expect(text.split('\f').filter((page) => page.trim() !== '')).toHaveLength(1);
  });

  it('of a service that nobody configured says that it is a sample', async () => {
    expect(textOf(await invoicePdf(invoice))).toContain('有効な請求書ではありません');
    const real = { ...seller, registrationNumber: 'T1234567890123' };
    expect(textOf(await invoicePdf({ ...invoice, seller: real }))).not.toContain('見本 (');
  });
});
