import { invalid, type Refusal } from '../../kernel/refusal.js';
import type { Decided } from '../commands/sender.js';
import type { Attempts } from './attempts.js';
import type { Passwords } from './passwords.js';
import type { Sessions } from './sessions.js';

/** Whose login it is, and what the password is replaced by. */
export type Change = Readonly<{
  token: string;
  accountId: string;
  /** The credential in force, null where the account has none any more. */
  inForce: string | null;
  currentPassword: string;
  credentialId: string;
  newPassword: string;
  /** What the session is open for from then on. */
  role: string;
}>;

const refused = (refusal: Refusal): Decided => ({ refusal, events: [], stream: '', version: -1 });

/** People change their own password: whoever logged in with the old one is out, the person who changed it stays. */
export class OwnPasswords {
  constructor(
    private readonly passwords: Passwords,
    private readonly sessions: Sessions,
    private readonly attempts: Attempts,
  ) {}

  /** `send` is told which credential the current password proved. */
  async change(
    { token, accountId, inForce, currentPassword, credentialId, newPassword, role }: Change,
    send: (provenCredentialId: string | null) => Promise<Decided>,
  ): Promise<Decided> {
    // A session that was left open or copied must not be a place to guess the password at.
    const subject = `own-password:${accountId}`;
    const tooMany = await this.attempts.admit(subject, 'TOO_MANY_TRIES');
    if (tooMany) return refused(tooMany);
    const proven = await this.passwords.proven(inForce, currentPassword);
    if (proven !== null) await this.attempts.succeeded(subject);
    // Whoever gave the password out would otherwise go on knowing it.
    if (proven !== null && newPassword === currentPassword)
      return refused(invalid([{ field: 'newPassword', rule: 'sameAsBefore' }]));
    await this.sessions.willGoOver(token, credentialId, role);
    const decided = await this.passwords.keepFor(credentialId, newPassword, () => send(proven));
    if (decided.refusal) return decided;
    if (decided.repeated) await this.attempts.succeeded(subject);
    // What was replaced then, not what the session stands on by now: a repetition may come after further changes.
    const { replacedCredentialId } = decided.events[0]!.data as { replacedCredentialId: string };
    await this.sessions.endProvenBy(replacedCredentialId, credentialId);
    return decided;
  }
}
