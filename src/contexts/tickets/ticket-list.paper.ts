import writeXlsx from 'write-excel-file/node';

export type TicketRow = Readonly<{ number: string; termYears: number; companyCode: string }>;

const COLUMNS = [
  { head: 'チケット番号', width: 34 },
  { head: '有効期間', width: 12 },
  { head: '企業コード', width: 16 },
] as const;

/** The list of tickets as people keep it: one row per certificate bought. */
export const ticketListXlsx = async (tickets: readonly TicketRow[]): Promise<Buffer> => {
  const head = COLUMNS.map(({ head: value }) => ({ value, fontWeight: 'bold' as const }));
  // Numbers as text: nothing of a bearer value may be rounded or shown in exponents.
  const rows = tickets.map(({ number, termYears, companyCode }) =>
    [number, `${termYears}年`, companyCode].map((value) => ({ value, type: String })),
  );
  const columns = COLUMNS.map(({ width }) => ({ width }));
  return writeXlsx([head, ...rows], { columns, sheet: 'チケット一覧', stickyRowsCount: 1 }).toBuffer();
};
