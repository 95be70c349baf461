import { createPrivateKey, randomUUID } from 'node:crypto';
import type { Authority } from '../authorities/authority.js';
import { issue } from '../certificates/issue.js';
import type { IssuanceRegister } from '../certificates/serial.js';
import { newKeyPair } from '../keys/key-kinds.js';
import { localSigner } from '../keys/local-signer.js';
import type { DistinguishedName } from '../names.js';
import { PROFILES } from '../profiles/catalogue.js';
import { daysFrom } from '../profiles/term.js';
import { answering, type AnswerOcsp, type OcspResponder, type StatusOf } from './answer.js';

/** Nobody can revoke a responder, so its certificate is short-lived and its key lives in memory only. */
const LIFE_DAYS = 7;
/** Renewed well before its end: an answer that is still being cached must not outlive its signer. */
const RENEWED_BEFORE_END_MS = 2 * 86_400_000;

export interface ResponderOptions {
  readonly authority: Authority;
  readonly subject: DistinguishedName;
  readonly register: IssuanceRegister;
  readonly statusOf: StatusOf;
  readonly onFault: (error: unknown) => void;
}

/** Answers for an authority under a delegated key, which is replaced from time to time. */
export const rotatingResponder = (options: ResponderOptions): AnswerOcsp => {
  let current: { answer: AnswerOcsp; notAfter: Date } | undefined;
  let renewal: Promise<{ answer: AnswerOcsp; notAfter: Date }> | undefined;
  const renew = (now: Date): Promise<{ answer: AnswerOcsp; notAfter: Date }> =>
    (renewal ??= newResponder(options, now)
      .then(
        (responder) =>
          (current = { answer: answering(responder, options.statusOf, options.onFault), notAfter: responder.notAfter }),
      )
      .finally(() => (renewal = undefined)));
  return async (request, now) => {
    if (current === undefined || now >= current.notAfter) await renew(now);
    else if (now.getTime() >= current.notAfter.getTime() - RENEWED_BEFORE_END_MS)
      void renew(now).catch(options.onFault);
    return current!.answer(request, now);
  };
};

const newResponder = async (options: ResponderOptions, now: Date): Promise<OcspResponder> => {
  const { authority, subject, register } = options;
  const { pkcs8 } = await newKeyPair('p-256');
  const issuanceId = `ocsp-responder-${randomUUID()}`;
  const signer = localSigner(issuanceId, createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }));
  pkcs8.fill(0);
  const life = daysFrom(now, LIFE_DAYS);
  const validity = { ...life, notAfter: new Date(Math.min(life.notAfter.getTime(), authority.notAfter.getTime())) };
  const order = { issuanceId, profile: PROFILES['ocsp-responder'], subject, spki: signer.spki, validity };
  const certificate = await issue(authority, order, register, now);
  return { authority, certificate, notAfter: validity.notAfter, signer };
};
