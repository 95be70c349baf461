import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { onEveryDatabase } from '../../../test/kit/databases.js';
import { ownFolder } from '../../../test/kit/own-folder.js';
import type { Database } from '../sql/database.js';
import { Blobs, INCOMING_MAX_MS, TooLarge } from './blobs.js';
import { Keyring } from './keyring.js';
import { Vault, type VaultTables } from './vault.js';

const CHUNK = Buffer.alloc(256 * 1024, 'x');
const PURPOSE = 'scan';

onEveryDatabase('files that come in', (open) => {
  let database: Database<VaultTables>;
  let blobs: Blobs;
  let nowMs: number;
  beforeAll(async () => {
    database = await open();
    const vault = new Vault(database.write, Keyring.open(join(ownFolder(), 'keyring.json')));
    await vault.prepare();
    blobs = new Blobs(vault, { now: () => new Date(nowMs) });
  });
  beforeEach(async () => {
    nowMs = Date.UTC(2026, 6, 1);
    await database.write.deleteFrom('vault_entries').execute();
  });
  afterAll(() => database.close());

  const put = (id: string, source: AsyncIterable<Buffer>, maxBytes = 10 * CHUNK.length) =>
    blobs.put(id, PURPOSE, source, maxBytes);
  const whole = async (id: string) => {
    const content = await blobs.open(id, PURPOSE);
    if (!content) return null;
    const pieces: Buffer[] = [];
    for await (const piece of content) pieces.push(piece);
    return Buffer.concat(pieces);
  };
  const ids = async () => {
    const rows = await database.write.selectFrom('vault_entries').select('entry_id').orderBy('entry_id').execute();
    return rows.map(({ entry_id }) => entry_id);
  };
  async function* of(...pieces: Buffer[]) {
    for (const piece of pieces) yield await Promise.resolve(piece);
  }
  async function* breaking() {
    yield CHUNK;
    yield await Promise.reject<Buffer>(new Error('the line is dead'));
  }
  /** As a kill leaves it: the rest never comes, and nobody is there to clean up. */
  const killed = async (id: string) => {
    const hanging = async function* () {
      yield CHUNK;
      yield CHUNK;
      await new Promise(() => undefined);
    };
    void put(id, hanging());
    while ((await ids()).filter((each) => each.startsWith(id)).length < 3) await new Promise(setImmediate);
  };

  it('come out as they came in, and go without a trace', async () => {
    const content = Buffer.concat([CHUNK, CHUNK, Buffer.from('end')]);
    expect(await put('a', of(CHUNK, CHUNK, Buffer.from('end')))).toMatchObject({ sizeBytes: content.length });
    expect((await whole('a'))!.equals(content)).toBe(true);
    await blobs.delete('a', PURPOSE);
    expect([await whole('a'), await ids()]).toEqual([null, []]);
  });

  it('leave nothing where they were too large or broke off', async () => {
    await expect(put('a', of(CHUNK, CHUNK), CHUNK.length)).rejects.toBeInstanceOf(TooLarge);
    await expect(put('b', breaking())).rejects.toThrow('the line is dead');
    expect(await ids()).toEqual([]);
  });

  it('are never touched by another upload under their name', async () => {
    await put('a', of(Buffer.from('first')));
    for (const second of [of(Buffer.from('second')), of(CHUNK, CHUNK), breaking()])
      await expect(put('a', second, CHUNK.length)).rejects.toThrow('is there already');
    expect((await whole('a'))!.toString()).toBe('first');
  });

  it('are swept where a kill broke them off: at the deadline, not a moment before, and nothing else', async () => {
    await put('a', of(Buffer.from('complete')));
    await killed('b');
    await put('b%', of(Buffer.from('complete, too')));
    nowMs += INCOMING_MAX_MS;
    expect(await blobs.sweep()).toBe(0);
    expect(await ids()).toContain('b.1');
    nowMs += 1;
    expect(await blobs.sweep()).toBe(1);
    expect(await ids()).toEqual(['a', 'a.0', 'b%', 'b%.0']);
    expect([await whole('a'), await whole('b%')].map(String)).toEqual(['complete', 'complete, too']);
  });

  it('are swept when the next one comes in', async () => {
    await killed('b');
    nowMs += INCOMING_MAX_MS + 1;
    await put('c', of(Buffer.from('next')));
    expect(await ids()).toEqual(['c', 'c.0']);
  });

  it('that come in more slowly than the sweep allows fail as a whole', async () => {
    let goOn = () => undefined as void;
    const slow = async function* () {
      yield CHUNK;
      await new Promise<void>((resolve) => (goOn = resolve));
      yield CHUNK;
    };
    const coming = put('d', slow());
    const failed = expect(coming).rejects.toThrow('given up');
    while (!(await ids()).includes('d.0')) await new Promise(setImmediate);
    nowMs += INCOMING_MAX_MS + 1;
    await blobs.sweep();
    goOn();
    await failed;
    expect(await ids()).toEqual([]);
  });
});
