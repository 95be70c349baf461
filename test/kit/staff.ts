import { randomInt } from 'node:crypto';
import type { Browser } from './browser.js';
import type { RunningService } from './service.js';

export const STAFF_PASSWORD = 'Lantern-2026';

export type Colleague = Readonly<{ id: string; loginId: string; browser: Browser }>;

/** An account made by the administrator, its initial password changed, logged in. */
export const colleague = async (running: RunningService, administrator: Browser, role: string): Promise<Colleague> => {
  const loginId = `${role}.${randomInt(1e9)}`;
  const made = await administrator.post('back-office/staff', { loginId, name: `Sample ${role}`, role });
  if (made.status !== 201) throw new Error(`${made.status} ${JSON.stringify(made.body)}`);
  const { id, notice } = made.body as { id: string; notice: { initialPassword: string } };
  const browser = running.browser();
  const { initialPassword } = notice;
  const login = await browser.post('back-office/sessions', { loginId, password: initialPassword });
  if (login.status !== 201) throw new Error(`${loginId} cannot log in: ${login.status}`);
  const changed = await browser.put('back-office/me/password', {
    currentPassword: initialPassword,
    newPassword: STAFF_PASSWORD,
    newPasswordRepeat: STAFF_PASSWORD,
  });
  if (changed.status !== 200) throw new Error(`${changed.status} ${JSON.stringify(changed.body)}`);
  await administrator.get(`back-office/staff/${id}?minVersion=${(changed.body as { version: number }).version}`);
  return { id, loginId, browser };
};
