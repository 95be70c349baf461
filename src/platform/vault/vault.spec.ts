import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { onEveryDatabase } from '../../../test/kit/databases.js';
import type { Database } from '../sql/database.js';
import { Keyring } from './keyring.js';
import { Vault, type VaultTables } from './vault.js';

const folder = mkdtempSync(join(tmpdir(), 'vault-'));
const path = join(folder, 'keys', 'keyring.json');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const now = new Date('2026-07-01T00:00:00.000Z');

describe('the key ring', () => {
  it('is made once, for its owner alone', () => {
    const { currentId } = Keyring.open(path);
    expect(Keyring.open(path).currentId).toBe(currentId);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('derives the same secret again, another for every name', () => {
    const ring = Keyring.open(path);
    expect(ring.derive('link', 'a')).toEqual(Keyring.open(path).derive('link', 'a'));
    expect(ring.derive('link', 'a')).not.toEqual(ring.derive('link', 'b'));
    expect(ring.derive('link', 'ab', 'c')).not.toEqual(ring.derive('link', 'a', 'bc'));
  });

  it('is not made anew where something was sealed with the one that is missing', () => {
    const missing = join(folder, 'gone', 'keyring.json');
    expect(() => Keyring.open(missing, false)).toThrow(`the key ring ${missing} is missing`);
    expect(existsSync(missing)).toBe(false);
  });

  it('stays the one that was made first, when two processes start at once', () => {
    Keyring.make(path);
    expect(Keyring.open(path).mark).toBe(Keyring.open(path).mark);
    expect(readdirSync(join(folder, 'keys'))).toEqual(['keyring.json']);
    const { mark } = Keyring.open(path);
    Keyring.make(path);
    expect(Keyring.open(path).mark).toBe(mark);
  });

  it.each([0o604, 0o602, 0o644])('with permissions %o is refused', (mode) => {
    const open = join(folder, 'open.json');
    writeFileSync(open, readFileSync(path, 'utf8'));
    chmodSync(open, mode);
    expect(() => Keyring.open(open)).toThrow(`is open to everybody on this machine: chmod o-rwx ${open}`);
    // A group of its own is how container platforms hand out secrets.
    chmodSync(open, 0o640);
    expect(Keyring.open(open).currentId).toBe(Keyring.open(path).currentId);
  });

  it('that cannot be read is told apart from one that is wrong', () =>
    expect(() => Keyring.open(folder)).toThrow(`the key ring ${folder} cannot be read (EISDIR)`));

  it('may come from a command', () => {
    const ring = Keyring.fromCommand(`cat ${path}`);
    expect(ring.derive('x')).toEqual(Keyring.open(path).derive('x'));
  });

  it.each([
    ['not JSON', '{', 'is not JSON'],
    ['a key that is too short', '{"current":"k","derivation":"AAAA","keys":{"k":"AAAA"}}', 'is malformed'],
  ])('with %s is refused without showing it', (_, content, complaint) => {
    const wrong = join(folder, 'wrong.json');
    writeFileSync(wrong, content, { mode: 0o600 });
    expect(() => Keyring.open(wrong)).toThrow(complaint);
    expect(() => Keyring.open(wrong)).not.toThrow('AAAA');
  });
});

onEveryDatabase('the vault', (open) => {
  let database: Database<VaultTables>;
  let vault: Vault;
  const rows = () => database.write.selectFrom('vault_entries').selectAll().orderBy('entry_id').execute();
  beforeAll(async () => {
    database = await open();
    vault = new Vault(database.write, Keyring.open(path));
    await vault.prepare();
    await vault.put('e1', 'password', Buffer.from('hash one'), now);
    await vault.put('e2', 'password', Buffer.from('hash two'), now);
  });
  afterAll(() => database.close());

  it('gives back what it was given, and keeps the first content of an id', async () => {
    await vault.put('e1', 'password', Buffer.from('another'), now);
    expect(await vault.get('e1', 'password')).toEqual(Buffer.from('hash one'));
    expect(await vault.get('nobody', 'password')).toBeNull();
  });

  it('works with one key ring only', async () => {
    const other = new Vault(database.write, Keyring.open(join(folder, 'another', 'keyring.json')));
    await expect(other.prepare()).rejects.toThrow('the key ring is not the one');
    await new Vault(database.write, Keyring.open(path)).prepare();
  });

  it('holds nothing readable', async () => expect(JSON.stringify(await rows())).not.toContain(btoa('hash one')));

  it('opens nothing in another place or for another purpose', async () => {
    await expect(vault.get('e1', 'token')).rejects.toThrow();
    const [one] = await rows();
    await database.write
      .updateTable('vault_entries')
      .set({ sealed: one!.sealed })
      .where('entry_id', '=', 'e2')
      .execute();
    await expect(vault.get('e2', 'password')).rejects.toThrow();
    await vault.delete('e2');
    expect(await vault.get('e2', 'password')).toBeNull();
  });

  it('keeps what was replaced while it sealed the old entries again', async () => {
    await vault.put('e9', 'password', Buffer.from('before'), new Date());
    const rotated = new Vault(database.write, Keyring.rotate(path));
    const meddling = rotated as unknown as { open: (...row: string[]) => Buffer };
    const open = meddling.open.bind(rotated);
    let replaced: Promise<unknown> = Promise.resolve();
    // Between reading an entry and writing it: the replacement is under way before the new seal is.
    meddling.open = (entryId, ...row) => {
      if (entryId === 'e9') replaced = rotated.replace('e9', 'password', 'password', Buffer.from('after'));
      return open(entryId, ...row);
    };
    await rotated.reseal();
    await replaced;
    meddling.open = open;
    expect(await rotated.get('e9', 'password')).toEqual(Buffer.from('after'));
    await rotated.delete('e9');
  });

  it('is opened by every process at each moment of a rotation in two steps', async () => {
    const old = new Vault(database.write, Keyring.open(path));
    const id = Keyring.addKey(path);
    const restarted = new Vault(database.write, Keyring.open(path));
    // Half of the processes are restarted: what they seal the others can still open.
    await restarted.put('e7', 'password', Buffer.from('between'), now);
    expect(await old.get('e7', 'password')).toEqual(Buffer.from('between'));
    const sealing = new Vault(database.write, Keyring.makeCurrent(path, id));
    await sealing.put('e8', 'password', Buffer.from('afterwards'), now);
    expect(await restarted.get('e8', 'password')).toEqual(Buffer.from('afterwards'));
    expect(() => Keyring.makeCurrent(path, 'k-none')).toThrow('has no key k-none');
    for (const entry of ['e7', 'e8']) await sealing.delete(entry);
  });

  it('opens everything before, during and after a rotation', async () => {
    const rotated = new Vault(database.write, Keyring.rotate(path));
    expect(await rotated.get('e1', 'password')).toEqual(Buffer.from('hash one'));
    expect(await rotated.reseal()).toBe(1);
    expect(await rotated.reseal()).toBe(0);
    expect(await rotated.get('e1', 'password')).toEqual(Buffer.from('hash one'));
    const { keys } = JSON.parse(readFileSync(path, 'utf8')) as { keys: object };
    expect(Object.keys(keys)).toContain((await rows())[0]!.key_id);
    await expect(vault.get('e1', 'password')).rejects.toThrow('has no key');
  });
});
