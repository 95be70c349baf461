import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import * as der from './der.js';

export interface LocalCertificate {
  /** What a client trusts. */
  readonly authorityPem: string;
  readonly certificatePem: string;
  readonly keyPem: string;
}

const NEVER = new Date('9999-12-31T23:59:59Z');
const DAY_MS = 86_400_000;

/**
 * A certificate for this machine's loopback and the authority that vouches for it.
 *
 * Two certificates, because some TLS stacks refuse one that is both root and server. The authority's private key is
 * forgotten on return, so nothing else can ever be signed by it.
 */
export const makeLocalCertificate = (commonName: string): LocalCertificate => {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const authorityName = `${commonName} authority`;
  const authorityPem = certificate(authorityName, authority, {
    subject: authorityName,
    key: authority.publicKey,
    extensions: [
      extension('2.5.29.19', true, der.sequence(der.boolean(true))), // basic constraints: CA
      extension('2.5.29.15', true, der.bitString(Buffer.from([0x04]), 2)), // key usage: certificate signing
    ],
  });
  const certificatePem = certificate(authorityName, authority, {
    subject: commonName,
    key: server.publicKey,
    extensions: [
      extension('2.5.29.15', true, der.bitString(Buffer.from([0x80]), 7)), // key usage: digital signature
      extension('2.5.29.37', false, der.sequence(der.objectId('1.3.6.1.5.5.7.3.1'))), // TLS server
      extension(
        '2.5.29.17', // subject alternative names
        false,
        der.sequence(
          der.implicit(2, Buffer.from('localhost')),
          der.implicit(7, Buffer.from([127, 0, 0, 1])),
          der.implicit(7, Buffer.concat([Buffer.alloc(15), Buffer.from([1])])),
        ),
      ),
    ],
  });
  return {
    authorityPem,
    certificatePem,
    keyPem: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
};

const ECDSA_WITH_SHA256 = der.sequence(der.objectId('1.2.840.10045.4.3.2'));

const name = (commonName: string): Buffer =>
  der.sequence(der.set(der.sequence(der.objectId('2.5.4.3'), der.utf8String(commonName))));

const extension = (id: string, critical: boolean, value: Buffer): Buffer =>
  der.sequence(der.objectId(id), ...(critical ? [der.boolean(true)] : []), der.octetString(value));

const publicBytes = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });
const keyId = (key: KeyObject): Buffer => createHash('sha256').update(publicBytes(key)).digest().subarray(0, 20);

const certificate = (
  issuer: string,
  issuerKeys: { publicKey: KeyObject; privateKey: KeyObject },
  { subject, key, extensions }: { subject: string; key: KeyObject; extensions: Buffer[] },
): string => {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40; // positive, and no leading zero byte
  const identified = [
    extension('2.5.29.14', false, der.octetString(keyId(key))),
    extension('2.5.29.35', false, der.sequence(der.implicit(0, keyId(issuerKeys.publicKey)))),
  ];
  const toBeSigned = der.sequence(
    der.explicit(0, der.integer(Buffer.from([2]))), // version 3
    der.integer(serial),
    ECDSA_WITH_SHA256,
    name(issuer),
    // A clock that is set back a little must not make the certificate invalid.
    der.sequence(der.utcTime(new Date(Date.now() - DAY_MS)), der.generalizedTime(NEVER)),
    name(subject),
    publicBytes(key),
    der.explicit(3, der.sequence(...extensions, ...identified)),
  );
  const signature = der.bitString(sign('sha256', toBeSigned, issuerKeys.privateKey));
  const body = der.sequence(toBeSigned, ECDSA_WITH_SHA256, signature).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${body.replace(/.{64}/g, '$&\n').trimEnd()}\n-----END CERTIFICATE-----\n`;
};
