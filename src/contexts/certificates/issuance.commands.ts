import { createHash, X509Certificate } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import type { Message } from '../../kernel/message.js';
import { issue } from '../../pki/certificates/issue.js';
import { readRequest } from '../../pki/certificates/request.js';
import { serialOf } from '../../pki/authorities/authority.js';
import { commonNameOf } from '../../pki/profiles/display-name.js';
import { type Person, personSubject } from '../../pki/profiles/person.js';
import { termOf } from '../../pki/profiles/term.js';
import type { Decided } from '../../platform/commands/sender.js';
import { HolderKeys } from '../../platform/pki/holder-keys.js';
import { Pki } from '../../platform/pki/pki.js';
import { certificateIdOf, recordIssuance } from './messages.js';
import { enteredAs } from './register.js';

export type IssuanceOrder = Readonly<{
  applicationId: string;
  /** The key that the recorded approval names. */
  keyId: string;
  /** What stands in the certificate. */
  person: Person;
  termYears: number;
  /** Whose it is within the service; the account is null where nobody bears the ID any more. */
  holder: Readonly<{ accountId: string | null; userId: string; mail: string; tenant: string }>;
}>;

export type IssuedCertificate = Readonly<{
  certificateId: string;
  serial: string;
  notBefore: string;
  notAfter: string;
}>;

/** The application has no key to certify: it was never approved, or its end removed the key. */
export class NoHolderKey extends Error {
  override readonly name = 'NoHolderKey';
}

/**
 * Issues for an approved application and records it. However often it is called for one application, and wherever
 * it broke off before, there is one certificate: its serial was reserved and its bytes were kept on the way.
 */
@Injectable()
export class Issuance {
  constructor(
    @Inject(Pki) private readonly pki: Pki,
    @Inject(HolderKeys) private readonly keys: HolderKeys,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** `send` carries the command in the name of the process that issues. */
  async issue(order: IssuanceOrder, send: (command: Message) => Promise<Decided>): Promise<IssuedCertificate> {
    const authority = this.pki.authorities.issuing('signing');
    const certificate = new X509Certificate(await this.certified(order));
    const issued = {
      certificateId: certificateIdOf(order.applicationId),
      serial: serialOf(certificate.raw),
      notBefore: certificate.validFromDate.toISOString(),
      notAfter: certificate.validToDate.toISOString(),
    };
    const { accountId, userId, tenant, mail: holderMail } = order.holder;
    const { companyName, familyName, givenName, displayName } = order.person;
    const { refusal } = await send(
      recordIssuance({
        ...issued,
        applicationId: order.applicationId,
        tenant,
        accountId,
        userId,
        keyId: order.keyId,
        authorityId: authority.id,
        profile: PROFILE,
        fingerprint: createHash('sha256').update(certificate.raw).digest('hex'),
        companyName,
        holderName: `${familyName} ${givenName}`,
        holderMail,
        commonName: commonNameOf(displayName),
        termYears: order.termYears,
        activation: 'SECOND_BUSINESS_DAY',
      }),
    );
    // Withdrawn while it was being made, or another is recorded already: this one is nobody's, and must not verify.
    if (refusal?.code === 'CERTIFICATE_STATE') {
      const effectiveAt = this.clock.now().toISOString();
      await enteredAs(this.pki, { ...issued, authorityId: authority.id, effectiveAt, reason: 'cessationOfOperation' });
    }
    if (refusal) throw new Error(`the certificate of ${order.applicationId} cannot be recorded: ${refusal.code}`);
    return issued;
  }

  private async certified({ applicationId, keyId, person, termYears }: IssuanceOrder): Promise<Buffer> {
    const request = await this.keys.requestOf(keyId);
    if (request === null) throw new NoHolderKey(`there is no key ${keyId}`);
    const now = this.clock.now();
    const order = {
      issuanceId: applicationId,
      profile: PROFILE,
      subject: personSubject(person),
      spki: readRequest(request).spki,
      validity: termOf(now, termYears),
    } as const;
    return issue(this.pki.authorities.issuing('signing'), order, this.pki.register, now);
  }
}

const PROFILE = 'personal-signing';
