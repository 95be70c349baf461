import type { Passwords } from '../../platform/access/passwords.js';
import type { Sessions } from '../../platform/access/sessions.js';
import { commandsOn, type Reaction, reaction } from '../../platform/subscriptions/reactions.js';
import { notificationIdOf, notificationSent, requestNotification } from '../notifications/messages.js';
import { PASSWORD_RESET, REGISTRATION_NOTICE, USER_ID_REMINDER } from './mails.js';
import {
  initialPasswordChanged,
  initialPasswordReissued,
  issuePasswordResetLink,
  partnerUserChanged,
  partnerUserCreated,
  partnerUserDeleted,
  partnerUserPasswordChanged,
  partnerUserRegistered,
  partsOf,
  passwordReset,
  passwordResetLinkIssued,
  passwordResetRequested,
  recordRegistrationNoticeSent,
  registrationIdOf,
  registrationNamed,
  resetLinkIdOf,
  SERVICE,
  userIdReminderRequested,
} from './messages.js';

type Letter = Readonly<{
  kind: string;
  processId: string;
  tenant: string;
  recipient: string;
  facts: Record<string, string>;
}>;

/** One mail of a kind for each process and receiver, however often the event arrives. */
const mailOf = (letter: Letter) =>
  requestNotification({
    ...letter,
    notificationId: notificationIdOf(letter.processId, letter.kind, letter.recipient),
    service: SERVICE,
  });

/** Who was deleted is out, and a password that lost its force is forgotten. */
const leavers = (sessions: Sessions, passwords: Passwords): Reaction =>
  reaction(
    'partners-consequences',
    [partnerUserDeleted, initialPasswordReissued, initialPasswordChanged, partnerUserPasswordChanged, passwordReset],
    async ({ type, data, metadata }) => {
      const { accountId, credentialId } = data;
      if (type === 'partners.PartnerUserDeleted') {
        await sessions.endOf(accountId);
        return passwords.forget(credentialId);
      }
      await sessions.endProvenBy(data.replacedCredentialId, credentialId);
      await passwords.forget(data.replacedCredentialId);
      // Not from within a login: nobody is logged in any more.
      if (type === 'partners.InitialPasswordReissued' || type === 'partners.PasswordReset')
        await sessions.endOf(accountId, { after: new Date(metadata.occurredAt), credentialId });
    },
  );

/** What somebody does from now on is done under the new name, also in a browser that was logged in before. */
const renamed = (sessions: Sessions): Reaction =>
  reaction('partners-names', [partnerUserChanged], async ({ data: { accountId, before, after } }) => {
    if (after.name !== before.name) await sessions.rename(accountId, after.name);
  });

/** Whoever became a user is told how to log in, at a new address anew … */
const newcomers = commandsOn(
  'partners-registration-notices',
  [partnerUserRegistered, partnerUserCreated, initialPasswordReissued],
  ({ data: { vendorCode, accountId, userId, groupId, name, mail, credentialId } }) => [
    mailOf({
      kind: REGISTRATION_NOTICE,
      processId: registrationIdOf(vendorCode, accountId, credentialId),
      tenant: groupId,
      recipient: mail,
      facts: { name, userId, credentialId },
    }),
  ],
);

/** … and that the mail went out is a fact about that user. */
const told = commandsOn('partners-registration-notices-sent', [notificationSent], ({ data }) => {
  const registration = data.kind === REGISTRATION_NOTICE ? registrationNamed(data.processId) : null;
  return registration ? [recordRegistrationNoticeSent({ ...registration, notificationId: data.notificationId })] : [];
});

/** Only here it is found out whether anybody is meant. */
const forgotten = [
  commandsOn('partners-user-id-reminders', [userIdReminderRequested], ({ id, data: { bearers } }) =>
    // To the addresses as they were registered, never to what somebody typed.
    [...new Set(bearers.map(({ mail }) => mail))].map((mail) => {
      const userIds = bearers.filter((bearer) => bearer.mail === mail).map(({ userId }) => userId);
      const facts = { userIds: userIds.join(', ') };
      return mailOf({ kind: USER_ID_REMINDER, processId: id, tenant: '', recipient: mail, facts });
    }),
  ),
  commandsOn('partners-password-resets', [passwordResetRequested], ({ id, data: { userId } }) => {
    const parts = userId === null ? null : partsOf(userId);
    if (userId === null || !parts) return [];
    return [
      issuePasswordResetLink({ vendorCode: parts.vendorCode, userId, linkId: resetLinkIdOf(parts.vendorCode, id) }),
    ];
  }),
  commandsOn(
    'partners-password-reset-mails',
    [passwordResetLinkIssued],
    ({ data: { linkId, groupId, userId, name, mail } }) => [
      mailOf({
        kind: PASSWORD_RESET,
        processId: linkId,
        tenant: groupId,
        recipient: mail,
        facts: { name, userId, linkId },
      }),
    ],
  ),
];

export const partnersReactions = (sessions: Sessions, passwords: Passwords): readonly Reaction[] => [
  leavers(sessions, passwords),
  renamed(sessions),
  newcomers,
  told,
  ...forgotten,
];
