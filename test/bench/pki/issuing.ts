import { join } from 'node:path';
import { issue, type IssueOrder } from '../../../src/pki/certificates/issue.js';
import type { Authority } from '../../../src/pki/authorities/authority.js';
import { openHierarchy } from '../../../src/pki/authorities/hierarchies.js';
import { AuthorityFiles } from '../../../src/pki/authorities/authority-files.js';
import { KeyFiles } from '../../../src/pki/keys/key-files.js';
import { newKeyPair, type KeyKind } from '../../../src/pki/keys/key-kinds.js';
import type { IssuanceRegister } from '../../../src/pki/certificates/serial.js';
import { termOf } from '../../../src/pki/profiles/term.js';
import type { PkiTables } from '../../../src/platform/pki/pki.js';
import type * as Register from '../../../src/platform/pki/register.js';
import type * as Databases from '../../../src/platform/sql/database.js';
import { COMPANY, memoryKeyWrap, memoryRegister, ORGANIZATION } from '../../kit/pki.js';

export const signingAuthority = async (folder: string, issuingKey: KeyKind): Promise<Authority> => {
  const { issuing } = await openHierarchy('signing', {
    organization: ORGANIZATION,
    publicBase: 'http://pki.example.com',
    keys: new KeyFiles(folder, memoryKeyWrap()),
    register: new AuthorityFiles(folder),
    now: new Date(),
    issuingKey,
  });
  return issuing;
};

/** One personal certificate after the other: written, held against its profile, reserved, signed, checked, kept. */
export const issuer = async (
  authority: Authority,
  register: IssuanceRegister = memoryRegister(),
): Promise<() => Promise<Buffer>> => {
  const { spki } = await newKeyPair('rsa-3072');
  const order: Omit<IssueOrder, 'issuanceId' | 'validity'> = {
    profile: 'personal-signing',
    subject: [
      ['country', 'JP'],
      ['organization', COMPANY],
      ['surname', '見本'],
      ['givenName', '太郎'],
      ['commonName', 'BN-Mihon.Taro'],
    ],
    spki,
  };
  let number = 0;
  return () => {
    const now = new Date();
    return issue(authority, { ...order, issuanceId: String(number++), validity: termOf(now, 3) }, register, now);
  };
};

/** As the service runs it: what knows the framework's decorators does not run from its sources here. */
const built = <T>(path: string): Promise<T> =>
  import(new URL(`../../../dist/src/platform/${path}`, import.meta.url).href) as Promise<T>;

/** The service's own register: every serial and every certificate is on the disk before the next step. */
export const durableRegister = async (
  folder: string,
): Promise<{ register: IssuanceRegister; close: () => Promise<void> }> => {
  const { CertificateRegister } = await built<typeof Register>('pki/register.js');
  const { openDatabase } = await built<typeof Databases>('sql/database.js');
  const file = join(folder, 'register.sqlite');
  const database = await openDatabase<PkiTables>({ kind: 'sqlite', file, durable: true });
  const register = new CertificateRegister(database, { now: () => new Date() });
  await register.prepare();
  return { register, close: database.close };
};
