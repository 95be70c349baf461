import type { Decided } from '../commands/sender.js';
import type { Passwords } from './passwords.js';
import type { Sessions } from './sessions.js';

/** Whose login it is, and what the password is replaced by. */
export type Change = Readonly<{
  token: string;
  /** What the session was opened with. */
  before: string;
  credentialId: string;
  newPassword: string;
  /** What the session is open for from then on. */
  role: string;
}>;

/** People change their own password: whoever logged in with the old one is out, the person who changed it stays. */
export class OwnPasswords {
  constructor(
    private readonly passwords: Passwords,
    private readonly sessions: Sessions,
  ) {}

  async change(
    { token, before, credentialId, newPassword, role }: Change,
    send: () => Promise<Decided>,
  ): Promise<Decided> {
    await this.sessions.willGoOver(token, credentialId, role);
    const decided = await this.passwords.keepFor(credentialId, newPassword, send);
    if (!decided.refusal && before !== credentialId) await this.sessions.endProvenBy(before, credentialId);
    return decided;
  }
}
