import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { base } from '../person.mjs';

const run = promisify(execFile);

export const hasOpenssl = () =>
  run('openssl', ['version']).then(
    () => true,
    () => false,
  );

/** What certificates name has the public address; the demo asks the service where it has found it. */
const fetched = async (address) => {
  const response = await fetch(new URL(new URL(address).pathname, base));
  if (!response.ok) throw new Error(`${response.url} answers ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
};

/** The list that the certificate itself names. */
const revoked = async (file, certificate) => {
  const { stdout: text } = await run('openssl', ['x509', '-in', certificate, '-noout', '-text']);
  await writeFile(file, await fetched(/URI:(\S+\.crl)/.exec(text)[1]));
  return (await run('openssl', ['crl', '-inform', 'DER', '-in', file])).stdout;
};

/**
 * What a stranger would do with the holder's file: take the certificate out with the PIN, build the chain up to the root
 * and look into the list of revoked ones, at the time of the service. Answers what openssl says.
 */
export const verified = async (pfx, pin, now) => {
  const folder = await mkdtemp(join(tmpdir(), 'shomei-demo-'));
  const file = (name) => join(folder, name);
  try {
    await writeFile(file('holder.p12'), pfx, { mode: 0o600 });
    const open = ['pkcs12', '-in', file('holder.p12'), '-passin', 'env:PIN', '-nokeys', '-clcerts'];
    const { stdout: pem } = await run('openssl', open, { env: { ...process.env, PIN: pin } });
    const certificate = new X509Certificate(pem);
    const [authority] = /https?:\S+\.cer/.exec(certificate.infoAccess);
    const chain = String(await fetched(authority.replace(/cer$/, 'pem'))).match(
      /-----BEGIN[^]+?-----END CERTIFICATE-----\n/g,
    );
    await writeFile(file('holder.pem'), certificate.toString());
    await writeFile(file('root.pem'), chain.at(-1));
    await writeFile(file('chain.pem'), chain.slice(0, -1).join(''));
    await writeFile(file('lists.pem'), await revoked(file('list.crl'), file('holder.pem')));
    const moment = String(Math.floor(now.getTime() / 1000));
    const trust = ['-CAfile', file('root.pem'), '-untrusted', file('chain.pem'), '-CRLfile', file('lists.pem')];
    const { stdout } = await run('openssl', ['verify', '-attime', moment, ...trust, '-crl_check', file('holder.pem')]);
    return { subject: certificate.subject.replaceAll('\n', ', '), said: stdout.trim().replace(`${folder}/`, '') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
