import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Authority } from '../../../src/pki/authorities/authority.js';
import { serialOf } from '../../../src/pki/authorities/authority.js';
import { publicKeyBits } from '../../../src/pki/keys/public-key-bits.js';
import { NULL, objectId, octetString, sequence, unsigned } from '../../../src/pki/der/encode.js';
import { HASH } from '../../../src/pki/object-ids.js';
import type { AnswerOcsp } from '../../../src/pki/ocsp/answer.js';
import { rotatingResponder } from '../../../src/pki/ocsp/rotating-responder.js';
import { memoryRegister, ORGANIZATION } from '../../kit/pki.js';
import type { Rate } from './measure.js';
import type { OcspLoad } from './ocsp-client.js';
import { startOcspServer } from '../../kit/ocsp-server.js';

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

export const requestFor = (authority: Authority, certificate: Buffer): Buffer => {
  const sha1 = (bytes: Buffer): Buffer => octetString(createHash('sha1').update(bytes).digest());
  const issuerKey = publicKeyBits(
    new X509Certificate(authority.certificate).publicKey.export({ type: 'spki', format: 'der' }),
  );
  const id = sequence(
    sequence(objectId(HASH.sha1), NULL),
    sha1(authority.name),
    sha1(issuerKey),
    unsigned(Buffer.from(serialOf(certificate), 'hex')),
  );
  return sequence(sequence(sequence(sequence(id))));
};

const CONNECTIONS = 16;

/** The client runs in a thread of its own, on the same cores. */
export const overHttp = async (answer: AnswerOcsp, request: Buffer, seconds: number): Promise<Rate> => {
  const server = await startOcspServer(() => answer);
  const workerData: OcspLoad = { port: server.port, connections: CONNECTIONS, seconds, request };
  const client = new Worker(new URL('./ocsp-client.ts', import.meta.url), { workerData });
  const [rate] = (await once(client, 'message')) as [Rate];
  server.stop();
  return rate;
};
