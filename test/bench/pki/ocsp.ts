import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Authority } from '../../../src/pki/authorities/authority.js';
import { serialOf } from '../../../src/pki/authorities/authority.js';
import { publicKeyBits } from '../../../src/pki/keys/public-key-bits.js';
import { subjectOf } from '../../../src/pki/authorities/open-authority.js';
import { extension } from '../../../src/pki/certificates/extensions.js';
import { explicit, NULL, objectId, octetString, sequence, unsigned } from '../../../src/pki/der/encode.js';
import { HASH, OCSP } from '../../../src/pki/object-ids.js';
import type { AnswerOcsp } from '../../../src/pki/ocsp/answer.js';
import { rotatingResponder } from '../../../src/pki/ocsp/rotating-responder.js';
import { memoryRegister, ORGANIZATION } from '../../kit/pki.js';
import type { Rate } from './measure.js';
import type { OcspLoad } from './ocsp-client.js';

export const responderOf = (authority: Authority): AnswerOcsp =>
  rotatingResponder({
    authority,
    subject: [
      ['country', 'JP'],
      ['organization', ORGANIZATION],
      ['commonName', 'OCSP'],
    ],
    register: memoryRegister(),
    statusOf: () => ({ kind: 'good' }),
    onFault: (error) => {
      throw error;
    },
  });

/** With a nonce the answer is made for this asker alone, so each costs a signature. */
export const requestFor = (issuer: Buffer, certificate: Buffer, nonce?: Buffer): Buffer => {
  const sha1 = (bytes: Buffer): Buffer => octetString(createHash('sha1').update(bytes).digest());
  const issuerKey = publicKeyBits(new X509Certificate(issuer).publicKey.export({ type: 'spki', format: 'der' }));
  const id = sequence(
    sequence(objectId(HASH.sha1), NULL),
    sha1(subjectOf(issuer)),
    sha1(issuerKey),
    unsigned(Buffer.from(serialOf(certificate), 'hex')),
  );
  const extensions = nonce === undefined ? [] : [explicit(2, sequence(extension(OCSP.nonce, octetString(nonce))))];
  return sequence(sequence(sequence(sequence(id)), ...extensions));
};

const CONNECTIONS = 16;

/** The client runs in a thread of its own, on the same cores as whoever answers. */
export const overHttp = async (
  { port, path }: { readonly port: number; readonly path: string },
  request: Buffer,
  seconds: number,
): Promise<Rate> => {
  const workerData: OcspLoad = { port, path, connections: CONNECTIONS, seconds, request };
  const client = new Worker(new URL('./ocsp-client.ts', import.meta.url), { workerData });
  const [rate] = (await once(client, 'message')) as [Rate];
  return rate;
};
