import type { Clock } from '../../kernel/clock.js';
import type { Vault } from '../vault/vault.js';
import type { Letter } from './letters.js';

const PURPOSE = 'sent-letter';

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
  ) {}

  /** The letter with its secrets masked. The last try is the one that went out. */
  async keep(notificationId: string, round: number, { subject, text, attachments }: Letter): Promise<void> {
    const kept: SentLetter = { subject, text, attachments: attachments.map(({ fileName }) => fileName) };
    const [entry, content] = [entryOf(notificationId, round), Buffer.from(JSON.stringify(kept))];
    if (!(await this.vault.add(entry, PURPOSE, content, this.clock.now())))
      await this.vault.replace(entry, PURPOSE, PURPOSE, content);
  }

  async find(notificationId: string, round: number): Promise<SentLetter | null> {
    const sealed = await this.vault.get(entryOf(notificationId, round), PURPOSE);
    return sealed && (JSON.parse(sealed.toString()) as SentLetter);
  }
}
