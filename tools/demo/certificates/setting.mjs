import { randomInt } from 'node:crypto';
import { Person } from '../person.mjs';

const PASSWORD = 'Bridge2026';
const PAPERS_CAME_ON = '2026-01-05';

/** The company that buys tickets, a partner office, and its two people; other codes each time. */
export const prepare = async ({ staff, mailbox, line }) => {
  const number = String(randomInt(1e5)).padStart(5, '0');
  const [owner, vendor] = [`E${number}`, `A${number}`];
  const mails = { holder: `holder.${number}@example.com`, agent: `agent.${number}@example.com` };
  for (const filter of [`target=${owner}`, `tenant=${owner}`, `target=${vendor}`, `tenant=${vendor}`])
    line.watch(filter);

  await staff.does('POST', 'back-office/owner-companies', { companyCode: owner, name: 'Example Owner Co.' });
  const partner = { vendorCode: vendor, name: 'Example Bridge Construction Co.' };
  await staff.does('POST', `back-office/owner-companies/${owner}/partners`, partner);
  const { userIds } = await staff.does('POST', `back-office/partners/${vendor}/groups`, {
    issueRequestReceivedOn: PAPERS_CAME_ON,
    termsConsentReceivedOn: PAPERS_CAME_ON,
    registrants: [
      { name: 'Sample Holder', mail: mails.holder, roles: ['GROUP_ADMINISTRATOR', 'SIGNER'] },
      { name: 'Sample Agent', mail: mails.agent, roles: ['APPROVER'] },
    ],
  });
  await line.tell(
    `The back office registers owner ${owner} and partner ${vendor} with a signer and an agent`,
    `back-office/partners/${vendor}`,
  );

  const holderUserId = userIds[0];
  await chooseOwnPassword(mailbox, mails.holder, holderUserId);
  await line.tell(`The signer ${holderUserId} logs in with what the notice mail says, and chooses a password`);
  return { number, owner, vendor, mails, holderUserId };
};

const chooseOwnPassword = async (mailbox, mail, userId) => {
  const initial = ({ text }) => (text.includes(userId) ? /初期パスワード: (\S+)/.exec(text)?.[1] : undefined);
  const currentPassword = initial(await mailbox.newest(mail, (one) => initial(one) !== undefined));
  const person = new Person();
  await person.does('POST', 'e-contract/sessions', { userId, password: currentPassword });
  const change = { currentPassword, newPassword: PASSWORD, newPasswordRepeat: PASSWORD };
  await person.does('PUT', 'e-contract/me/password', change);
};

export const signerOf = async ({ holderUserId }) => {
  const person = new Person();
  await person.does('POST', 'e-contract/sessions', { userId: holderUserId, password: PASSWORD });
  return person;
};
