import { randomInt } from 'node:crypto';
import type { Browser } from './browser.js';
import type { RunningService } from './service.js';

export const INITIAL = 'Bridge#2026';
export const USER_PASSWORD = 'View#2026';

export type Portal = Readonly<{
  clientCode: string;
  managementUserId: string;
  initialPassword: string;
  staff: Browser;
  /** Logged in as the management account. */
  manager: Browser;
  /** Creates a user and answers its account id. */
  user: (userId: string) => Promise<string>;
  /** A browser logged in as a user of the company. */
  as: (userId: string, password?: string) => Promise<Browser>;
}>;

const created = (answer: { status: number; body: unknown }): { id: string; version: number } => {
  if (answer.status >= 300) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body as { id: string; version: number };
};

/** A client company with two cases on Standard A and one on Standard B, its management account logged in. */
export const preparedPortal = async (running: RunningService): Promise<Portal> => {
  const clientCode = `C${String(randomInt(1e9)).padStart(9, '0')}`;
  const staff = await running.staff();
  const company = `back-office/client-companies/${clientCode}`;
  created(await staff.post('back-office/client-companies', { clientCode, name: 'Example Bridge Construction Co.' }));
  for (const standard of ['Standard A', 'Standard B']) created(await staff.post(`${company}/standards`, { standard }));
  created(await staff.post(`${company}/cases`, { acceptanceNumber: 'R-2026-001', standard: 'Standard A' }));
  created(await staff.post(`${company}/cases`, { acceptanceNumber: 'R-2026-002', standard: 'Standard A' }));
  created(await staff.post(`${company}/cases`, { acceptanceNumber: 'R-2026-101', standard: 'Standard B' }));
  const issued = await staff.post(`${company}/management-account`, { userId: 'kanri01' });
  const { initialPassword } = (created(issued) as unknown as { notice: { initialPassword: string } }).notice;

  const as = async (userId: string, password = USER_PASSWORD) => {
    const browser = running.browser();
    created(await browser.post('client-portal/sessions', { clientCode, userId, password }));
    return browser;
  };
  const manager = await as('kanri01', initialPassword);
  const user = async (userId: string) => {
    const body = { displayName: `User ${userId}`, userId, password: USER_PASSWORD, passwordRepeat: USER_PASSWORD };
    return created(await manager.post('client-portal/users', body)).id;
  };
  return { clientCode, managementUserId: 'kanri01', initialPassword, staff, manager, user, as };
};
