import type { Authority } from '../../pki/authorities/authority.js';
import { type AnswerOcsp, TRY_LATER } from '../../pki/ocsp/answer.js';
import { rotatingResponder, WAITING_FOR_SIGNATURES_MAX } from '../../pki/ocsp/rotating-responder.js';
import { Turns } from '../../pki/turns.js';
import type { Authorities } from './authorities.js';
import type { CertificateRegister } from './register.js';

type OnTryLater = (authorityId: string) => void;

const noticing =
  (answer: AnswerOcsp, onTryLater: () => void): AnswerOcsp =>
  async (...question) => {
    const given = await answer(...question);
    if (given === TRY_LATER) onTryLater();
    return given;
  };

/** Who answers for which authority; each under a key of its own that lives in this process only. */
export class StatusAnswers {
  private readonly responders: ReadonlyMap<string, AnswerOcsp>;

  constructor(
    authorities: Authorities,
    register: CertificateRegister,
    organization: string,
    { onFault, onTryLater }: Readonly<{ onFault: (error: unknown) => void; onTryLater: OnTryLater | undefined }>,
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
    const told = (authority: Authority) => noticing(responderOf(authority), () => onTryLater?.(authority.id));
    this.responders = new Map(authorities.all.map((authority) => [authority.id, told(authority)]));
  }

  of(authorityId: string): AnswerOcsp | undefined {
    return this.responders.get(authorityId);
  }
}
