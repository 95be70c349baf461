import type { Authority } from '../../pki/authorities/authority.js';
import { listNameOf } from '../../pki/revocation/list-name.js';
import { ClockWentBack, type CrlShelf, publishCrl, type PublishedCrl } from '../../pki/revocation/publish-crl.js';
import type { Clock } from '../../kernel/clock.js';
import type { Authorities } from './authorities.js';
import { ALWAYS, type CertificateRegister, type Period } from './register.js';

/** Made anew every day though valid for seven, so that a week of trouble passes before a list runs out. */
const RENEWED_AFTER_MS = 86_400_000;

/** The revocation lists of all authorities: which there must be, and the newest of each. */
export class RevocationLists {
  constructor(
    private readonly authorities: Authorities,
    private readonly register: CertificateRegister,
    private readonly shelf: CrlShelf,
    private readonly clock: Clock,
  ) {}

  /** The list that is in force, made now if it is due: whoever fetches gets a fresh one even after a long pause. */
  async current(listName: string): Promise<PublishedCrl | null> {
    const latest = await this.shelf.latest(listName);
    if (latest !== undefined && !this.isDue(latest)) return latest;
    const authority = await this.authorityOf(listName);
    return authority ? this.publish(authority, listName) : (latest ?? null);
  }

  /** Makes every list anew whose time has come, and says when the next one will be due. */
  async publishDue(): Promise<Date> {
    let nextDueMs = this.clock.now().getTime() + RENEWED_AFTER_MS;
    for (const authority of this.authorities.all) {
      for (const listName of await this.namesOf(authority)) {
        const list = await this.current(listName);
        if (list) nextDueMs = Math.min(nextDueMs, list.thisUpdate.getTime() + RENEWED_AFTER_MS);
      }
    }
    return new Date(nextDueMs);
  }

  /** A revocation is on its list at once, not with the next day's. */
  async revoked(authorityId: string, notBefore: Date): Promise<void> {
    const authority = this.authorities.find(authorityId);
    // An authority that is no longer served keeps its last list; who took it over publishes the next.
    if (authority) await this.publish(authority, listNameOf(authority, notBefore));
  }

  private async publish(authority: Authority, listName: string): Promise<PublishedCrl> {
    const period = authority.lists === 'one' ? ALWAYS : quarterOf(listName);
    const revocations = () => this.register.revocations(authority.id, period);
    try {
      return await publishCrl(authority, listName, this.shelf, revocations, this.clock.now());
    } catch (error) {
      const latest = await this.shelf.latest(listName);
      // With the clock behind the list that is there, that list is the newest truth.
      if (error instanceof ClockWentBack && latest) return latest;
      throw error;
    }
  }

  private isDue({ thisUpdate }: PublishedCrl): boolean {
    return this.clock.now().getTime() >= thisUpdate.getTime() + RENEWED_AFTER_MS;
  }

  private async authorityOf(listName: string): Promise<Authority | null> {
    for (const authority of this.authorities.all) {
      const isItsOwn = listName === authority.id || listName.startsWith(`${authority.id}-`);
      if (isItsOwn && (await this.namesOf(authority)).includes(listName)) return authority;
    }
    return null;
  }

  /** Each quarter in which anything was issued, and the present one: its list is named before it is needed. */
  private async namesOf(authority: Authority): Promise<string[]> {
    if (authority.lists === 'one') return [authority.id];
    const months = await this.register.months(authority.id);
    const began = [...months.map((month) => new Date(`${month}-01T00:00:00Z`)), this.clock.now()];
    return [...new Set(began.map((date) => listNameOf(authority, date)))];
  }
}

const QUARTER = /-(\d{4})q([1-4])$/;

const quarterOf = (listName: string): Period => {
  const [, year, quarter] = QUARTER.exec(listName)!;
  const begin = (quarters: number) => new Date(Date.UTC(Number(year), 3 * quarters, 1)).toISOString();
  return { from: begin(Number(quarter) - 1), until: begin(Number(quarter)) };
};
