import { createPrivateKey, randomUUID } from 'node:crypto';
import type { Authority } from '../authorities/authority.js';
import { issue, type IssueOrder } from '../certificates/issue.js';
import type { IssuanceRegister } from '../certificates/serial.js';
import { newKeyPair } from '../keys/key-kinds.js';
import { localSigner } from '../keys/local-signer.js';
import type { DistinguishedName } from '../names.js';
import { daysFrom } from '../profiles/term.js';
import { Turns } from '../turns.js';
import { answering, TRY_LATER, type AnswerOcsp, type OcspResponder, type StatusOf } from './answer.js';

/** Nobody can revoke a responder, so its certificate is short-lived and its key lives in memory only. */
const LIFE_DAYS = 7;
/** Renewed well before its end: an answer that is still being cached must not outlive its signer. */
const RENEWED_BEFORE_END_MS = 2 * 86_400_000;

/** Who asks may have a clock that is a little behind ours. */
const CLOCK_TOLERANCE_MS = 300_000;
const RETRIED_AFTER_MS = 60_000;

export interface ResponderOptions {
  readonly authority: Authority;
  readonly subject: DistinguishedName;
  readonly register: IssuanceRegister;
  readonly statusOf: StatusOf;
  /** Shared by all responders of a process. */
  readonly turns?: Turns;
  readonly onFault: (error: unknown) => void;
}

/** At a fraction of a millisecond each, nobody waits so long that the asker has given up. */
export const WAITING_FOR_SIGNATURES_MAX = 128;

interface Current {
  readonly answer: AnswerOcsp;
  readonly notAfter: Date;
}

/** Answers for an authority under a delegated key, which is replaced from time to time. */
export const rotatingResponder = (options: ResponderOptions): AnswerOcsp => {
  const { statusOf, onFault, turns = new Turns(WAITING_FOR_SIGNATURES_MAX) } = options;
  let current: Current | undefined;
  let renewal: Promise<void> | undefined;
  let notAgainBefore = new Date(0);
  const attempt = async (now: Date): Promise<void> => {
    try {
      const responder = await newResponder(options, now);
      current = { answer: answering(responder, { statusOf, turns, onFault }), notAfter: responder.notAfter };
    } catch (error) {
      notAgainBefore = new Date(now.getTime() + RETRIED_AFTER_MS);
      onFault(error);
    }
  };
  const renew = (now: Date): Promise<void> => (renewal ??= attempt(now).finally(() => (renewal = undefined)));
  return async (request, now, asker) => {
    const isOver = current === undefined || now > current.notAfter;
    const isDue = isOver || now.getTime() >= current!.notAfter.getTime() - RENEWED_BEFORE_END_MS;
    // Within its life an ageing responder goes on answering while the next one is being made.
    if (isDue && now >= notAgainBefore) await (isOver ? renew(now) : void renew(now));
    return current === undefined || now > current.notAfter ? TRY_LATER : current.answer(request, now, asker);
  };
};

const newResponder = async (options: ResponderOptions, now: Date): Promise<OcspResponder> => {
  const { authority, subject, register } = options;
  const { pkcs8 } = await newKeyPair('p-256');
  const issuanceId = `ocsp-responder-${randomUUID()}`;
  const signer = localSigner(issuanceId, createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }));
  pkcs8.fill(0);
  const begin = Math.max(now.getTime() - CLOCK_TOLERANCE_MS, authority.notBefore.getTime());
  const { notBefore, notAfter } = daysFrom(new Date(begin), LIFE_DAYS);
  const validity = { notBefore, notAfter: new Date(Math.min(notAfter.getTime(), authority.notAfter.getTime())) };
  const order: IssueOrder = { issuanceId, profile: 'ocsp-responder', subject, spki: signer.spki, validity };
  const certificate = await issue(authority, order, register, now);
  return { authority, certificate, notAfter: validity.notAfter, signer };
};
