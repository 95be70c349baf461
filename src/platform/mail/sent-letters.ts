import type { Clock } from '../../kernel/clock.js';
import type { Vault } from '../vault/vault.js';
import type { Letter } from './letters.js';

const PURPOSE = 'sent-letter';
const DAY_MS = 86_400_000;

export type SentLetter = Readonly<{ subject: string; text: string; attachments: readonly string[] }>;

const entryOf = (notificationId: string, round: number): string => `${PURPOSE}:${notificationId}.${round}`;

/**
 * What was told, as it was told, but without what would open anything. Written anew later it would be in the words of later
 * and about what has changed since. It names people, so it lies sealed.
 */
export class SentLetters {
  constructor(
    private readonly vault: Vault,
    private readonly clock: Clock,
    /** Counted from the end of the day in which the mail was tried. */
    readonly keptDays: number,
  ) {}

  /** The letter with its secrets masked. The last try is the one that went out. */
  async keep(notificationId: string, round: number, { subject, text, attachments }: Letter): Promise<void> {
    const kept: SentLetter = { subject, text, attachments: attachments.map(({ fileName }) => fileName) };
    const [entry, content] = [entryOf(notificationId, round), Buffer.from(JSON.stringify(kept))];
    if (!(await this.vault.add(entry, PURPOSE, content, this.clock.now())))
      await this.vault.replace(entry, PURPOSE, PURPOSE, content);
  }

  /** Forgets those whose time is over. Answers when the next one's will be. */
  async sweep(): Promise<Date> {
    const lifeMs = (this.keptDays + 1) * DAY_MS;
    const now = this.clock.now().getTime();
    await this.vault.deleteOlder(PURPOSE, new Date(now - lifeMs));
    const oldest = await this.vault.oldestOf(PURPOSE);
    return new Date((oldest?.getTime() ?? now) + lifeMs);
  }

  async find(notificationId: string, round: number): Promise<SentLetter | null> {
    const sealed = await this.vault.get(entryOf(notificationId, round), PURPOSE);
    return sealed && (JSON.parse(sealed.toString()) as SentLetter);
  }
}
