import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeLocalCertificate } from './local-certificate.js';

/** What makes a node's loopback port private to its owner: TLS that only holders of `authorityFile` trust, and a secret. */
export interface PrivateIdentity {
  readonly authorityFile: string;
  readonly certificatePem: string;
  readonly keyPem: string;
  /** 256 random bits in hex; whoever can read the folder may speak to the node, nobody else. */
  readonly secret: string;
  readonly secretFile: string;
}

/** Reads the identity that lives in `<folder>/identity`, making it at first use. The caller must own the folder. */
export const privateIdentity = (folder: string, commonName: string): PrivateIdentity => {
  const home = join(folder, 'identity');
  if (!existsSync(home)) makeIdentity(home, commonName);
  const read = (file: string): string => {
    try {
      return readFileSync(join(home, file), 'utf8');
    } catch (error) {
      throw new Error(`${home} is not whole; remove it to have it made anew: ${(error as Error).message}`, {
        cause: error,
      });
    }
  };
  return {
    authorityFile: join(home, 'authority.pem'),
    certificatePem: read('certificate.pem'),
    keyPem: read('key.pem'),
    secret: read('secret').trim(),
    secretFile: join(home, 'secret'),
  };
};

/** Written aside and renamed, so that a crash leaves either no identity or a whole one. */
const makeIdentity = (home: string, commonName: string): void => {
  const aside = `${home}.new`;
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { mode: 0o700 });
  const made = makeLocalCertificate(commonName);
  const write = (file: string, content: string): void =>
    writeFileSync(join(aside, file), content, { mode: 0o600, flush: true });
  write('authority.pem', made.authorityPem);
  write('certificate.pem', made.certificatePem);
  write('key.pem', made.keyPem);
  write('secret', `${randomBytes(32).toString('hex')}\n`);
  renameSync(aside, home);
};
