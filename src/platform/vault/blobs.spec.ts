import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { onEveryDatabase } from '../../../test/kit/databases.js';
import { ownFolder } from '../../../test/kit/own-folder.js';
import type { Database } from '../sql/database.js';
import { Blobs, TooLarge } from './blobs.js';
import { Keyring } from './keyring.js';
import { Vault, type VaultTables } from './vault.js';

const KILOBYTE = 1024;

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield Promise.resolve(bytes.subarray(at, at + size));
}

onEveryDatabase('sealed files', (open) => {
  let database: Database<VaultTables>;
  let blobs: Blobs;
  const keyring = Keyring.open(`${ownFolder()}/keyring.json`);
  beforeAll(async () => {
    database = await open();
    const vault = new Vault(database.write, keyring);
    await vault.prepare();
    blobs = new Blobs(vault, { now: () => new Date() });
  });
  afterAll(() => database.close());

  const entries = async (blobId: string) =>
    (
      await database.read
        .selectFrom('vault_entries')
        .select('entry_id')
        .where('entry_id', 'like', `${blobId}%`)
        .execute()
    ).length;
  const read = async (blobId: string): Promise<Buffer | null> => {
    const content = await blobs.open(blobId, 'paper');
    if (!content) return null;
    const pieces: Buffer[] = [];
    for await (const piece of content) pieces.push(piece);
    return Buffer.concat(pieces);
  };

  it.each([0, 1, 256 * KILOBYTE - 1, 256 * KILOBYTE, 256 * KILOBYTE + 1, 700 * KILOBYTE])(
    'come back as they went in: %d bytes',
    async (size) => {
      const bytes = randomBytes(size);
      const kept = await blobs.put(`blob-${size}`, 'paper', inPieces(bytes, 60_000), 1024 * KILOBYTE);
      expect(kept).toEqual({ sizeBytes: size, sha256: createHash('sha256').update(bytes).digest('hex') });
      expect((await read(`blob-${size}`))?.equals(bytes)).toBe(true);
    },
  );

  it('at the limit are kept, a byte above it leave nothing behind', async () => {
    const limit = 300 * KILOBYTE;
    await blobs.put('at-limit', 'paper', inPieces(randomBytes(limit), 10_000), limit);
    await expect(blobs.put('above', 'paper', inPieces(randomBytes(limit + 1), 10_000), limit)).rejects.toThrow(
      TooLarge,
    );
    expect([(await read('at-limit'))?.length, await read('above'), await entries('above')]).toEqual([limit, null, 0]);
  });

  it('are gone when they are deleted', async () => {
    await blobs.put('gone', 'paper', inPieces(randomBytes(600 * KILOBYTE), 50_000), 1024 * KILOBYTE);
    expect(await entries('gone')).toBe(4);
    await blobs.delete('gone', 'paper');
    expect([await entries('gone'), await read('gone')]).toEqual([0, null]);
    await blobs.delete('gone', 'paper');
  });

  it('do not open where a piece was moved to another place', async () => {
    await blobs.put('moved', 'paper', inPieces(randomBytes(600 * KILOBYTE), 50_000), 1024 * KILOBYTE);
    const other = database.read.selectFrom('vault_entries').select('sealed').where('entry_id', '=', 'moved.1');
    const { sealed } = await other.executeTakeFirstOrThrow();
    await database.write.updateTable('vault_entries').set({ sealed }).where('entry_id', '=', 'moved.0').execute();
    await expect(read('moved')).rejects.toThrow();
  });
});
