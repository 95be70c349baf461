import { createHash } from 'node:crypto';
import { keyIdentifierOf, type Authority } from '../authorities/authority.js';
import { extension } from '../certificates/extensions.js';
import { publicKeyBits } from '../keys/public-key-bits.js';
import { MalformedDer } from '../der/decode.js';
import {
  bitString,
  enumerated,
  explicit,
  generalizedTime,
  implicit,
  objectId,
  octetString,
  sequence,
} from '../der/encode.js';
import { algorithmIdentifier } from '../keys/signature-algorithm.js';
import type { Signer } from '../keys/signer.js';
import { HASH, OCSP } from '../object-ids.js';
import { TooBusy } from '../gate.js';
import { reasonCode } from '../revocation/reasons.js';
import type { Turns } from '../turns.js';
import { readOcspRequest, type CertificateId, type OcspRequest } from './request.js';
import type { CertificateStatus, OcspAnswer, StatusOf } from './status.js';
import { isStillTrue, ReusedAnswers } from './reused-answers.js';

export type { CertificateStatus, OcspAnswer, StatusOf } from './status.js';

/** One who answers for an authority: a key of its own with a short-lived certificate of the authority. */
export interface OcspResponder {
  readonly authority: Pick<Authority, 'name' | 'signer'>;
  readonly certificate: Buffer;
  readonly notAfter: Date;
  readonly signer: Signer;
}

/** RFC 6960 §4.2.1; unsigned, and so never to be cached. */
const failed = (code: number): OcspAnswer => ({ body: sequence(enumerated(code)) });
const MALFORMED_REQUEST = failed(1);
const INTERNAL_ERROR = failed(2);
export const TRY_LATER = failed(3);

const VALID_FOR_MS = 3_600_000;
const SECOND_MS = 1000;
const SUCCESSFUL = enumerated(0);

/** Who asks. An answer of their own costs a signature, and there are more strangers than signatures. */
export interface Asker {
  /** Counts one more signature for this asker, and says whether it is still within their share. */
  maySign(): boolean;
}
export const ANYBODY: Asker = { maySign: () => true };

/** Request bytes to answer bytes. Throws nothing: whatever goes wrong is an answer of its own. */
export type AnswerOcsp = (request: Buffer, now: Date, asker?: Asker) => Promise<OcspAnswer>;

export interface AnsweringTools {
  readonly statusOf: StatusOf;
  /** One signature in each turn of the event loop, over all responders of the process. */
  readonly turns: Turns;
  readonly onFault: (error: unknown) => void;
}

export const answering = (responder: OcspResponder, tools: AnsweringTools): AnswerOcsp => {
  const desk: Desk = { ...fixedPartsOf(responder), ...tools, reused: new ReusedAnswers() };
  return async (bytes, now, asker = ANYBODY) => {
    try {
      const request = readOcspRequest(bytes);
      const [first, ...others] = request.certificates;
      // What was made for one asker is of no use to the next.
      const isForAll = request.nonce === undefined && others.length === 0;
      return isForAll ? await forAll(desk, first!, now, asker) : await forOne(desk, request, now, asker);
    } catch (error) {
      if (error instanceof MalformedDer) return MALFORMED_REQUEST;
      if (error instanceof TooBusy) return TRY_LATER;
      tools.onFault(error);
      return INTERNAL_ERROR;
    }
  };
};

const forOne = async (desk: Desk, request: OcspRequest, now: Date, asker: Asker): Promise<OcspAnswer> => {
  if (!asker.maySign()) return TRY_LATER;
  await desk.turns.take();
  const statuses = await Promise.all(request.certificates.map(async (id) => statusIn(desk, id)));
  return answerOf(desk, request, statuses, now);
};

/** Signed once for everybody, and free for whoever asks next. */
const forAll = async (desk: Desk, id: CertificateId, now: Date, asker: Asker): Promise<OcspAnswer> => {
  // Looked up for each question, so that a revocation shows in the very next answer.
  const status = await statusIn(desk, id);
  const known = (): OcspAnswer | undefined => {
    const kept = desk.reused.find(id);
    return kept !== undefined && isStillTrue(kept, status, now) ? kept.answer : undefined;
  };
  const found = known();
  if (found !== undefined) return found;
  // There is no end of serials that nobody knows: those answers count as the asker's own, and are not kept.
  if (status.kind === 'unknown' && !asker.maySign()) return TRY_LATER;
  await desk.turns.take();
  // Of many who asked at once, the first has made it meanwhile.
  const madeMeanwhile = known();
  if (madeMeanwhile !== undefined) return madeMeanwhile;
  const answer = await answerOf(desk, { certificates: [id] }, [status], now);
  if (status.kind !== 'unknown') desk.reused.keep(id, { status, answer });
  return answer;
};

interface Desk extends FixedParts, AnsweringTools {
  readonly reused: ReusedAnswers;
}

interface FixedParts {
  readonly responder: OcspResponder;
  /** By the object identifier of the hash, the name hash and key hash that stand for the authority. */
  readonly issuerHashes: ReadonlyMap<string, readonly [name: Buffer, key: Buffer]>;
  readonly responderId: Buffer;
  readonly algorithm: Buffer;
  readonly chain: Buffer;
}

const fixedPartsOf = (responder: OcspResponder): FixedParts => {
  const { authority, signer, certificate } = responder;
  const issuerKey = publicKeyBits(authority.signer.spki);
  const digest = (hash: string, bytes: Buffer): Buffer => createHash(hash).update(bytes).digest();
  return {
    responder,
    issuerHashes: new Map(
      (['sha1', 'sha256'] as const).map((hash) => [
        objectId(HASH[hash]).toString('latin1'),
        [digest(hash, authority.name), digest(hash, issuerKey)],
      ]),
    ),
    responderId: explicit(2, octetString(keyIdentifierOf(publicKeyBits(signer.spki)))),
    algorithm: algorithmIdentifier(signer.alg),
    chain: explicit(0, sequence(certificate)),
  };
};

const answerOf = async (
  fixed: FixedParts,
  { certificates, nonce }: OcspRequest,
  statuses: readonly CertificateStatus[],
  now: Date,
): Promise<OcspAnswer> => {
  const thisUpdate = new Date(Math.floor(now.getTime() / SECOND_MS) * SECOND_MS);
  const nextUpdate = endOf(fixed.responder, statuses, now);
  const until = [generalizedTime(thisUpdate), explicit(0, generalizedTime(nextUpdate))];
  const singles = certificates.map(({ raw }, index) =>
    sequence(raw, writeStatus(statuses[index] ?? { kind: 'unknown' }, now), ...until),
  );
  const extensions = nonce === undefined ? [] : [explicit(1, sequence(extension(OCSP.nonce, nonce)))];
  const data = sequence(fixed.responderId, generalizedTime(thisUpdate), sequence(...singles), ...extensions);
  const signature = bitString(await fixed.responder.signer.sign(data));
  const basic = sequence(data, fixed.algorithm, signature, fixed.chain);
  const body = sequence(SUCCESSFUL, explicit(0, sequence(objectId(OCSP.basicResponse), octetString(basic))));
  return nonce === undefined ? { body, reusable: { thisUpdate, nextUpdate } } : { body };
};

/** RFC 6960 §2.2: a certificate of an issuer that is not served here is unknown. */
const statusIn = (
  { issuerHashes, statusOf }: Desk,
  { hashAlgorithm, issuerNameHash, issuerKeyHash, serial }: CertificateId,
): CertificateStatus | Promise<CertificateStatus> => {
  const [name, key] = issuerHashes.get(hashAlgorithm.toString('latin1')) ?? [];
  return name?.equals(issuerNameHash) === true && key?.equals(issuerKeyHash) === true
    ? statusOf(serial)
    : { kind: 'unknown' };
};

/** No answer outlives its signer's certificate, nor the moment at which a deferred revocation takes effect. */
const endOf = (responder: OcspResponder, statuses: readonly CertificateStatus[], now: Date): Date => {
  const ends = [now.getTime() + VALID_FOR_MS, responder.notAfter.getTime()];
  for (const status of statuses) {
    if (status.kind === 'revoked' && status.effectiveAt > now) ends.push(status.effectiveAt.getTime());
  }
  return new Date(Math.min(...ends));
};

const GOOD = implicit(0, Buffer.alloc(0));
const UNKNOWN = implicit(2, Buffer.alloc(0));

/** The date is cut to the second, so that it never lies ahead of the answer's own. */
const writeStatus = (status: CertificateStatus, now: Date): Buffer => {
  if (status.kind === 'unknown') return UNKNOWN;
  if (status.kind === 'good' || status.effectiveAt > now) return GOOD;
  const code = reasonCode(status.reason);
  return explicit(
    1,
    generalizedTime(status.effectiveAt),
    ...(code === undefined ? [] : [explicit(0, enumerated(code))]),
  );
};
