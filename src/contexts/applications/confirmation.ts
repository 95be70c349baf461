import { timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import { Keyring } from '../../platform/vault/keyring.js';

/** What the confirm page shows and the registration must repeat unchanged. */
export type Confirmed = Readonly<{
  applicationId: string;
  applicantType: string;
  companyCode: string;
  ticketId: string;
  mail: string;
}>;

const LIFE_MS = 30 * 60_000;
const PROOF = /^([0-9a-z]{6,12})\.([0-9a-f]{64})$/;

/**
 * The word of the service that these details passed the checks and the picture. Until the applicant has agreed to the
 * handling of personal data none of them is kept anywhere: the browser carries them, and this, to the next page.
 */
@Injectable()
export class Confirmations {
  constructor(
    @Inject(Keyring) private readonly keyring: Keyring,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  proofOf(confirmed: Confirmed): Readonly<{ proof: string; expiresAt: Date }> {
    const expiresAt = new Date(this.clock.now().getTime() + LIFE_MS);
    const until = expiresAt.getTime().toString(36);
    return { proof: `${until}.${this.macOf(confirmed, until)}`, expiresAt };
  }

  holds(confirmed: Confirmed, proof: string): boolean {
    const [, until, mac] = PROOF.exec(proof) ?? [];
    if (until === undefined || mac === undefined) return false;
    const right = timingSafeEqual(Buffer.from(mac), Buffer.from(this.macOf(confirmed, until)));
    return right && this.clock.now().getTime() < parseInt(until, 36);
  }

  private macOf({ applicationId, applicantType, companyCode, ticketId, mail }: Confirmed, until: string): string {
    const names = [applicationId, applicantType, companyCode, ticketId, mail, until];
    return this.keyring.derive('confirmed-details', ...names).toString('hex');
  }
}
