import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { ownFolder } from '../../../test/kit/own-folder.js';
import { Keyring } from '../vault/keyring.js';
import { Links } from './links.js';

describe('a one-time link', () => {
  const path = join(ownFolder(), 'keyring.json');
  const links = new Links(Keyring.open(path));

  it('is 64 hexadecimal digits, the same whenever it is made', () => {
    expect(links.tokenOf('link-1')).toMatch(/^[0-9a-f]{64}$/);
    expect(links.tokenOf('link-1')).toBe(links.tokenOf('link-1'));
    expect(new Links(Keyring.open(path)).tokenOf('link-1')).toBe(links.tokenOf('link-1'));
  });

  it('opens what it was made for and nothing else', () => {
    expect(links.isToken('link-1', links.tokenOf('link-1'))).toBe(true);
    expect(links.isToken('link-2', links.tokenOf('link-1'))).toBe(false);
    expect(new Links(Keyring.open(join(ownFolder(), 'other.json'))).isToken('link-1', links.tokenOf('link-1'))).toBe(
      false,
    );
  });

  it.each(['', 'x'.repeat(64), 'a'.repeat(63), 'a'.repeat(65), 'A'.repeat(64), 'é'.repeat(64), `${'a'.repeat(64)}\n`])(
    'is not %j',
    (given) => expect(links.isToken('link-1', given)).toBe(false),
  );

  it('goes on opening when the sealing keys are rotated', () => {
    const token = links.tokenOf('link-1');
    expect(new Links(Keyring.rotate(path)).isToken('link-1', token)).toBe(true);
  });
});
