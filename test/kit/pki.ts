import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AuthorityFiles } from '../../src/pki/authorities/authority-files.js';
import { openHierarchy, type Hierarchy, type HierarchyId } from '../../src/pki/authorities/hierarchies.js';
import type { IssuanceRegister } from '../../src/pki/certificates/serial.js';
import { KeyFiles } from '../../src/pki/keys/key-files.js';
import { WrapRefused, type KeyWrap } from '../../src/pki/keys/key-wrap.js';
import type { CrlShelf, PublishedCrl } from '../../src/pki/revocation/publish-crl.js';
import { toPem, type PemLabel } from '../../src/pki/pem.js';

export const ORGANIZATION = '株式会社例示認証';
export const COMPANY = '株式会社例示橋梁建設';

export const writePem = (folder: string, name: string, label: PemLabel, ...ders: readonly Buffer[]): string => {
  const path = join(folder, name);
  writeFileSync(path, ders.map((der) => toPem(label, der)).join(''));
  return path;
};

/** A key-encryption key as the vault will hold one. */
export const memoryKeyWrap = (): KeyWrap => {
  const key = randomBytes(32);
  return {
    wrap: (place, secret) => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place));
      return Promise.resolve(Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]));
    },
    unwrap: (place, wrapped) => {
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, wrapped.subarray(0, 12), { authTagLength: 16 })
          .setAAD(Buffer.from(place))
          .setAuthTag(wrapped.subarray(-16));
        return Promise.resolve(Buffer.concat([decipher.update(wrapped.subarray(12, -16)), decipher.final()]));
      } catch {
        return Promise.reject(new WrapRefused());
      }
    },
  };
};

export interface MemoryRegister extends IssuanceRegister {
  readonly serials: ReadonlyMap<string, string>;
  readonly certificates: ReadonlyMap<string, Buffer>;
}

export const memoryRegister = (): MemoryRegister => {
  const serials = new Map<string, string>();
  const bodies = new Map<string, Buffer>();
  const taken = new Set<string>();
  const certificates = new Map<string, Buffer>();
  return {
    serials,
    certificates,
    reserve: ({ authorityId, issuanceId, serial, body, instead }) => {
      const issuance = `${authorityId}/${issuanceId}`;
      const own = serials.get(issuance);
      if (own !== undefined && own !== instead) return Promise.resolve({ serial: own, body: bodies.get(issuance)! });
      if (taken.has(serial)) return Promise.resolve(undefined);
      serials.set(issuance, serial);
      bodies.set(issuance, body);
      taken.add(serial);
      return Promise.resolve({ serial, body });
    },
    keep: (authorityId, issuanceId, certificate) => {
      const issuance = `${authorityId}/${issuanceId}`;
      if (!certificates.has(issuance)) certificates.set(issuance, certificate);
      return Promise.resolve(certificates.get(issuance)!);
    },
    kept: (authorityId, issuanceId) => Promise.resolve(certificates.get(`${authorityId}/${issuanceId}`)),
  };
};

export const memoryShelf = (): CrlShelf => {
  const lists = new Map<string, PublishedCrl>();
  return {
    latest: (name) => Promise.resolve(lists.get(name)),
    put: (crl) => {
      const isNext = crl.number > (lists.get(crl.listName)?.number ?? 0n);
      if (isNext) lists.set(crl.listName, crl);
      return Promise.resolve(isNext);
    },
  };
};

/** A hierarchy as a first start makes it. */
export const newHierarchy = (
  id: HierarchyId,
  folder: string,
  now: Date,
  publicBase = 'http://pki.example.com',
): Promise<Hierarchy> =>
  openHierarchy(id, {
    organization: ORGANIZATION,
    publicBase,
    keys: new KeyFiles(folder, memoryKeyWrap()),
    register: new AuthorityFiles(folder),
    now,
  });
