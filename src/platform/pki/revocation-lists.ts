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
  private readonly beingMade = new Map<string, Promise<PublishedCrl>>();

  constructor(
    private readonly authorities: Authorities,
    private readonly register: CertificateRegister,
    private readonly shelf: CrlShelf,
    private readonly clock: Clock,
  ) {}

  /** The list that is in force, made now if it is due: whoever fetches gets a fresh one even after a long pause. */
  async current(listName: string): Promise<PublishedCrl | null> {
    const inForce = await this.inForce(listName);
    if (inForce !== undefined) return inForce;
    const authority = this.authorityOf(listName);
    // Of quarters before the authority's present certificate only what has been published is there.
    return authority ? this.publishOnce(authority, listName) : ((await this.shelf.latest(listName)) ?? null);
  }

  private async inForce(listName: string): Promise<PublishedCrl | undefined> {
    const latest = await this.shelf.latest(listName);
    return latest !== undefined && !this.isDue(latest) ? latest : undefined;
  }

  /** However many fetch a list that is due, it is made once. */
  private publishOnce(authority: Authority, listName: string): Promise<PublishedCrl> {
    const running = this.beingMade.get(listName);
    if (running !== undefined) return running;
    const made = this.publish(authority, listName).finally(() => this.beingMade.delete(listName));
    this.beingMade.set(listName, made);
    return made;
  }

  /** Makes every list anew whose time has come, and says when the next one will be due. */
  async publishDue(): Promise<Date> {
    let nextDueMs = this.clock.now().getTime() + RENEWED_AFTER_MS;
    for (const authority of this.authorities.all) {
      for (const listName of await this.namesOf(authority)) {
        const list = (await this.inForce(listName)) ?? (await this.publishOnce(authority, listName));
        nextDueMs = Math.min(nextDueMs, list.thisUpdate.getTime() + RENEWED_AFTER_MS);
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

  /** By the name alone: anybody may ask for any list, and must not make us look through the register for it. */
  private authorityOf(listName: string): Authority | null {
    const [, id = listName] = QUARTERLY.exec(listName) ?? [];
    const authority = this.authorities.find(id);
    if (authority === undefined) return null;
    const { lists, notBefore } = authority;
    if (lists === 'one') return listName === id ? authority : null;
    const possible = quartersBetween(notBefore, this.clock.now());
    return possible.some((date) => listNameOf(authority, date) === listName) ? authority : null;
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
const QUARTERLY = /^(.+)-\d{4}q[1-4]$/;
const MONTHS_IN_A_QUARTER = 3;

/** A day of each quarter from that of `from` to that of `until`. */
const quartersBetween = (from: Date, until: Date): Date[] => {
  const dates: Date[] = [];
  const first = from.getUTCMonth() - (from.getUTCMonth() % MONTHS_IN_A_QUARTER);
  for (let month = first; ; month += MONTHS_IN_A_QUARTER) {
    const date = new Date(Date.UTC(from.getUTCFullYear(), month, 1));
    if (date > until) return dates;
    dates.push(date);
  }
};

const quarterOf = (listName: string): Period => {
  const [, year, quarter] = QUARTER.exec(listName)!;
  const begin = (quarters: number) => new Date(Date.UTC(Number(year), 3 * quarters, 1)).toISOString();
  return { from: begin(Number(quarter) - 1), until: begin(Number(quarter)) };
};
