import type { Authority } from '../authorities/authority.js';
import { writeCrl, type CrlContent } from './crl.js';

export interface PublishedCrl {
  readonly listName: string;
  readonly number: bigint;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly der: Buffer;
}

/** Where the newest list of each name lies. Durable, and shared by all who publish. */
export interface CrlShelf {
  latest(listName: string): Promise<PublishedCrl | undefined>;
  /** Answers false, and keeps what is there, unless this number is higher. */
  put(crl: PublishedCrl): Promise<boolean>;
}

/** The clock stands before the last list's date; a list from the past would bring revoked certificates to life. */
export class ClockWentBack extends Error {
  override readonly name = 'ClockWentBack';
}

const VALID_FOR_MS = 7 * 86_400_000;
const SECOND_MS = 1000;
const TRIES = 5;

/** Makes the next list of this name. Of two who publish at once, the slower one numbers its list anew. */
export const publishCrl = async (
  authority: Authority,
  listName: string,
  shelf: CrlShelf,
  revocations: () => CrlContent['revocations'],
  now: Date,
): Promise<PublishedCrl> => {
  const thisUpdate = new Date(Math.floor(now.getTime() / SECOND_MS) * SECOND_MS);
  const nextUpdate = new Date(Math.min(thisUpdate.getTime() + VALID_FOR_MS, authority.notAfter.getTime()));
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const previous = await shelf.latest(listName);
    if (previous !== undefined && previous.thisUpdate > thisUpdate) {
      throw new ClockWentBack(`the list ${listName} was made later than now`);
    }
    const number = (previous?.number ?? 0n) + 1n;
    const content = { listName, number, now, nextUpdate, revocations: revocations() };
    const der = await writeCrl(
      authority,
      previous === undefined ? content : { ...content, previousUpdate: previous.thisUpdate },
    );
    const crl = { listName, number, thisUpdate, nextUpdate, der };
    if (await shelf.put(crl)) return crl;
  }
  throw new Error(`too many publish the list ${listName} at once`);
};
