import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ownFolder } from '../../../test/kit/own-folder.js';
import { memoryKeyWrap } from '../../../test/kit/pki.js';
import { KeyFiles } from './key-files.js';
import { kindOf, newKeyPair } from './key-kinds.js';
import { WrapRefused } from './key-wrap.js';
import { verifies } from './signature-algorithm.js';

const folder = ownFolder();
const keyWrap = memoryKeyWrap();
const files = new KeyFiles(folder, keyWrap);
const data = Buffer.from('to be signed');

describe('keys in files', () => {
  it.each(['p-256', 'p-384', 'rsa-2048', 'rsa-3072'] as const)(
    'sign with %s, the same key after every start',
    async (kind) => {
      const made = await files.openOrMake(`key-${kind}`, kind);
      const again = await new KeyFiles(folder, keyWrap).openOrMake(`key-${kind}`, kind);
      expect(kindOf(made.spki)).toBe(kind);
      expect(again.spki.equals(made.spki)).toBe(true);
      expect(verifies(made.alg, made.spki, data, await again.sign(data))).toBe(true);
    },
  );

  it('become one key when two processes make it at once', async () => {
    const made = await Promise.all([1, 2, 3].map(() => new KeyFiles(folder, keyWrap).openOrMake('raced', 'p-256')));
    expect(new Set(made.map(({ spki }) => spki.toString('hex'))).size).toBe(1);
    expect(readdirSync(folder).filter((name) => name.startsWith('raced'))).toEqual(['raced.key']);
  });

  it('are readable by their owner alone, and only under the key-encryption key', async () => {
    const { pkcs8 } = await newKeyPair('p-256');
    const plain = Buffer.from(pkcs8);
    await files.bring('brought', pkcs8);
    expect(pkcs8.every((byte) => byte === 0)).toBe(true);
    const path = join(folder, 'brought.key');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path).includes(plain.subarray(-32))).toBe(false);
    await expect(new KeyFiles(folder, memoryKeyWrap()).open('brought')).rejects.toBeInstanceOf(WrapRefused);
  });

  it('open under no other name', async () => {
    await files.openOrMake('one', 'p-256');
    writeFileSync(join(folder, 'other.key'), readFileSync(join(folder, 'one.key')));
    await expect(files.open('other')).rejects.toBeInstanceOf(WrapRefused);
  });

  it('leave their folder under no name', async () => {
    await expect(files.open('../one')).rejects.toThrow('key id');
    expect(await files.open('nobody')).toBeUndefined();
  });
});
