import type { Role } from '../../src/contexts/partners/messages.js';
import type { Answer, Browser } from './browser.js';
import type { RunningService } from './service.js';

export const COMPANY = 'EX001';
export const COMPANY_NAME = 'Example Bridge Construction Co.';
export const PAPERS = { issueRequestReceivedOn: '2026-01-05', termsConsentReceivedOn: '2026-01-05' };
export const OWN_PASSWORD = 'Bridge2026';

export const done = ({ status, body }: Answer) => {
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body as { id: string; version: number; userIds: string[] };
};

export const registrant = (mail: string, roles?: readonly Role[]) => ({
  name: `Sample ${mail.split('@')[0]!}`,
  mail,
  ...(roles ? { roles } : {}),
});

/** As the newest notice mail says; where nobody can wait for processes to settle, it comes when it comes. */
export const initialPasswordOf = async ({ mailbox }: RunningService, userId: string): Promise<string> => {
  for (;;) {
    const notices = (await mailbox()).filter(({ text }) => text.includes(`ユーザーID: ${userId}\n`));
    const password = /初期パスワード: (\S+)/.exec(notices.at(-1)?.text ?? '')?.[1];
    if (password !== undefined) return password;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

export type Partners = Readonly<{
  staff: Browser;
  /** Registers a partner company of the owner. */
  company: (vendorCode: string, name?: string) => Promise<void>;
  /** Registers an office with its registrants and answers their user IDs. */
  office: (vendorCode: string, officeName: string | null, registrants: readonly object[]) => Promise<string[]>;
  /** A browser logged in as the user, who has chosen a password of its own. */
  as: (userId: string) => Promise<Browser>;
}>;

/** An owner company, made where it is not there yet, and the means to give it partners. */
export const preparedPartners = async (running: RunningService): Promise<Partners> => {
  const staff = await running.staff();
  const owner = await staff.post('back-office/owner-companies', { companyCode: COMPANY, name: 'Example Owner Co.' });
  if (owner.status !== 409) done(owner);
  const chosen = new Set<string>();

  const as = async (userId: string): Promise<Browser> => {
    const browser = running.browser();
    const login = async (password: string) => done(await browser.post('e-contract/sessions', { userId, password }));
    if (chosen.has(userId)) {
      await login(OWN_PASSWORD);
      return browser;
    }
    const currentPassword = await initialPasswordOf(running, userId);
    await login(currentPassword);
    const change = { currentPassword, newPassword: OWN_PASSWORD, newPasswordRepeat: OWN_PASSWORD };
    done(await browser.put('e-contract/me/password', change));
    chosen.add(userId);
    return browser;
  };

  return {
    staff,
    company: async (vendorCode, name = COMPANY_NAME) => {
      done(await staff.post(`back-office/owner-companies/${COMPANY}/partners`, { vendorCode, name }));
    },
    office: async (vendorCode, officeName, registrants) => {
      const office = { ...(officeName === null ? {} : { officeName }), ...PAPERS, registrants };
      const { userIds, version } = done(await staff.post(`back-office/partners/${vendorCode}/groups`, office));
      // Mail addresses are found by a read model; whoever logs in by one comes later than the notice.
      done(await staff.get(`back-office/partners/${vendorCode}?minVersion=${version}`));
      return userIds;
    },
    as,
  };
};
