import { createPrivateKey, createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { onEveryDatabase } from '../../../test/kit/databases.js';
import { ownFolder } from '../../../test/kit/own-folder.js';
import { refusal } from '../../kernel/refusal.js';
import { readRequest } from '../../pki/certificates/request.js';
import { Pin } from '../../pki/pins/pin.js';
import { Attempts, type AttemptTables, waitAfterMs } from '../access/attempts.js';
import type { Decided } from '../commands/sender.js';
import type { Database } from '../sql/database.js';
import { Keyring } from '../vault/keyring.js';
import { Vault, type VaultTables } from '../vault/vault.js';
import { HolderKeys, holderKeyIdOf } from './holder-keys.js';

const RIGHT = 'Abcd1234Efgh';
const WRONG = 'abcd1234efgh';
const accepted: Decided = { refusal: null, events: [], stream: 's', version: 0 };
const subject = [
  ['country', 'JP'],
  ['organization', '見本橋梁建設株式会社'],
  ['commonName', 'BN-Mihon.Taro'],
] as const;
const pin = (text = RIGHT) => Pin.parse(text)!;

describe('the wait after wrong answers', () => {
  it.each([
    [0, 0],
    [4, 0],
    [5, 60_000],
    [6, 120_000],
    [8, 480_000],
    [9, 900_000],
    [1_000, 900_000],
  ])('after %d it is %d ms', (failures, ms) => expect(waitAfterMs(failures)).toBe(ms));
});

onEveryDatabase('holder keys', (open) => {
  let database: Database<AttemptTables & VaultTables>;
  let keys: HolderKeys;
  let nowMs = Date.parse('2026-07-03T00:00:00Z');
  const keyring = Keyring.open(`${ownFolder()}/keyring.json`);
  beforeAll(async () => {
    database = await open();
    const clock = { now: () => new Date(nowMs) };
    const vault = new Vault(database.write, keyring);
    await vault.prepare();
    const attempts = new Attempts(database, clock);
    await attempts.prepare();
    keys = new HolderKeys(vault, attempts, clock);
    await make('app-1', 'key-1');
  });
  afterAll(() => database.close());
  beforeEach(() => {
    nowMs += 86_400_000;
  });

  const make = (applicationId: string, keyId: string, answer: Decided = accepted) =>
    keys.makeAtApproval({ applicationId, keyId, subject, pin: pin() }, () => Promise.resolve(answer));
  const tried = async (text: string, who = 'holder', keyId = 'key-1') =>
    (await keys.open(keyId, who, pin(text), () => 'open')).refusal?.code ?? 'open';

  it('keep a request that proves the very key which the PIN opens', async () => {
    const { spki } = readRequest((await keys.requestOf('key-1'))!);
    const opened = await keys.open('key-1', 'holder', pin(), (pkcs8) =>
      createPublicKey(createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' })).export({
        type: 'spki',
        format: 'der',
      }),
    );
    expect(opened).toEqual({ value: spki });
  });

  it('are named by the command that makes them', () => {
    expect(holderKeyIdOf('app-1', 'c1')).toBe(holderKeyIdOf('app-1', 'c1'));
    expect(holderKeyIdOf('app-1', 'c1')).not.toBe(holderKeyIdOf('app-1', 'c2'));
  });

  it('of attempts that died are forgotten, the one that the approval names stays, and so do those of others', async () => {
    const [named, died, others] = [
      ['app-3', 'a'],
      ['app-3', 'b'],
      ['app-33', 'c'],
    ].map(([app, command]) => holderKeyIdOf(app!, command!)) as [string, string, string];
    await make('app-3', named);
    await make('app-33', others);
    const order = { applicationId: 'app-3', keyId: died, subject, pin: pin() };
    const dead = keys.makeAtApproval(order, () => Promise.reject(new Error('killed')));
    await expect(dead).rejects.toThrow('killed');
    const there = () => Promise.all([named, died, others].map(async (keyId) => (await keys.requestOf(keyId)) !== null));
    expect(await there()).toEqual([true, true, true]);
    await keys.forgetUnnamed('app-3', named);
    expect(await there()).toEqual([true, false, true]);
    await keys.forgetUnnamed('app-3', null);
    expect(await there()).toEqual([false, false, true]);
  });

  it('are let go where the approval is refused, and forget the PIN either way', async () => {
    const used = pin();
    const refused = { ...accepted, refusal: refusal('NOT_FOUND') };
    const order = { applicationId: 'app-2', keyId: 'key-2', subject, pin: used };
    expect(await keys.makeAtApproval(order, () => Promise.resolve(refused))).toEqual(refused);
    expect(await keys.requestOf('key-2')).toBeNull();
    expect(() => used.read((bytes) => bytes.length)).toThrow('forgotten');
  });

  it('answer a wrong PIN and a missing key alike', async () => {
    expect(await tried(WRONG)).toBe('PIN_REFUSED');
    expect(await tried(RIGHT, 'holder', 'no-such-key')).toBe('PIN_REFUSED');
  });

  it('slow down the guesser, even a right guess, and let the holder in meanwhile', async () => {
    for (let attempt = 1; attempt <= 5; attempt += 1) expect(await tried(WRONG, 'guesser')).toBe('PIN_REFUSED');
    expect(await tried(RIGHT, 'guesser')).toBe('TOO_MANY_PINS');
    expect(await tried(RIGHT, 'holder')).toBe('open');
    nowMs += 59_999;
    expect(await tried(RIGHT, 'guesser')).toBe('TOO_MANY_PINS');
    nowMs += 1;
    expect(await tried(RIGHT, 'guesser')).toBe('open');
    expect(await tried(WRONG, 'guesser')).toBe('PIN_REFUSED');
  });

  it('give a hundred guesses at once no more than five', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => tried(WRONG, 'crowd')));
    expect(answers.filter((answer) => answer === 'PIN_REFUSED')).toHaveLength(5);
    expect(answers.filter((answer) => answer === 'TOO_MANY_PINS')).toHaveLength(25);
  });
});
