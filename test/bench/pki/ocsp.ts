import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Authority } from '../../../src/pki/authorities/authority.js';
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
