import { partnerDecider } from '../../src/contexts/partners/decider.js';
import { partnerStream, partsOf, type Role } from '../../src/contexts/partners/messages.js';
import { memberNamed } from '../../src/contexts/partners/state.js';
import { Passwords } from '../../src/platform/access/passwords.js';
import { Decisions } from '../../src/platform/commands/decisions.js';
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

/** As the notice mail tells it. */
export const initialPasswordOf = async ({ service: { app } }: RunningService, userId: string): Promise<string> => {
  const { state } = await app.get(Decisions).stateOf(partnerDecider, partnerStream(partsOf(userId)!.vendorCode));
  return app.get(Passwords).initial(memberNamed(state, userId)!.credentialId);
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

/** An owner company, and the means to give it partners. */
export const preparedPartners = async (running: RunningService): Promise<Partners> => {
  const staff = await running.staff();
  done(await staff.post('back-office/owner-companies', { companyCode: COMPANY, name: 'Example Owner Co.' }));
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
