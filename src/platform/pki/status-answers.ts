import type { Authority } from '../../pki/authorities/authority.js';
import type { AnswerOcsp } from '../../pki/ocsp/answer.js';
import { rotatingResponder, WAITING_FOR_SIGNATURES_MAX } from '../../pki/ocsp/rotating-responder.js';
import { Turns } from '../../pki/turns.js';
import type { Authorities } from './authorities.js';
import type { CertificateRegister } from './register.js';

/** Who answers for which authority; each under a key of its own that lives in this process only. */
export class StatusAnswers {
  private readonly responders: ReadonlyMap<string, AnswerOcsp>;

  constructor(
    authorities: Authorities,
    register: CertificateRegister,
    organization: string,
    onFault: (error: unknown) => void,
  ) {
    const turns = new Turns(WAITING_FOR_SIGNATURES_MAX);
    const responderOf = (authority: Authority): AnswerOcsp =>
      rotatingResponder({
        authority,
        subject: [
          ['country', 'JP'],
          ['organization', organization],
          ['commonName', `OCSP ${authority.id}`],
        ],
        register,
        statusOf: (serial) => register.statusOf(authority.id, serial),
        turns,
        onFault,
      });
    this.responders = new Map(authorities.all.map((authority) => [authority.id, responderOf(authority)]));
  }

  of(authorityId: string): AnswerOcsp | undefined {
    return this.responders.get(authorityId);
  }
}
