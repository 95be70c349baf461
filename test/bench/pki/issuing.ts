import { issue, type IssueOrder } from '../../../src/pki/certificates/issue.js';
import type { Authority } from '../../../src/pki/authorities/authority.js';
import { openHierarchy } from '../../../src/pki/authorities/hierarchies.js';
import { AuthorityFiles } from '../../../src/pki/authorities/authority-files.js';
import { KeyFiles } from '../../../src/pki/keys/key-files.js';
import { newKeyPair, type KeyKind } from '../../../src/pki/keys/key-kinds.js';
import { termOf } from '../../../src/pki/profiles/term.js';
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
export const issuer = async (authority: Authority): Promise<() => Promise<Buffer>> => {
  const register = memoryRegister();
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
