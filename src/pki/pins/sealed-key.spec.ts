import { createPrivateKey } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { memoryKeyWrap } from '../../../test/kit/pki.js';
import { newKeyPair } from '../keys/key-kinds.js';
import type { KeyWrap } from '../keys/key-wrap.js';
import { Pin } from './pin.js';
import { PinRefused, sealKey, withOpenKey } from './sealed-key.js';

const PIN = 'Abcd1234Efgh';
const pin = (text = PIN): Pin => Pin.parse(text)!;
/** Wraps nothing, so that what lies beneath can be tampered with. */
const noWrap: KeyWrap = {
  wrap: (_, secret) => Promise.resolve(Buffer.from(secret)),
  unwrap: (_, wrapped) => Promise.resolve(Buffer.from(wrapped)),
};
const keyWrap = memoryKeyWrap();
let pkcs8: Buffer;
let sealed: Buffer;
let bare: Buffer;

const open = (wrap: KeyWrap, applicationId: string, blob: Buffer, with_: Pin): Promise<string> =>
  withOpenKey(wrap, applicationId, blob, with_, (key) => key.toString('base64'));

beforeAll(async () => {
  ({ pkcs8 } = await newKeyPair('p-256'));
  sealed = await sealKey(keyWrap, 'app-1', pkcs8, pin());
  // As cheap as a header may ask for: what is proved with it does not depend on the cost.
  bare = await sealKey(noWrap, 'app-1', pkcs8, pin(), 14);
});

describe('a key sealed under a PIN', () => {
  it('opens with the PIN, for its own application, as often as wanted', async () => {
    expect(await open(keyWrap, 'app-1', sealed, pin())).toBe(pkcs8.toString('base64'));
    expect(await open(keyWrap, 'app-1', sealed, pin())).toBe(pkcs8.toString('base64'));
  });

  it('is zeroed as soon as it has been used, also when its use failed', async () => {
    let lent: Buffer | undefined;
    const failing = withOpenKey(keyWrap, 'app-1', sealed, pin(), (key) => {
      expect(createPrivateKey({ key, format: 'der', type: 'pkcs8' }).asymmetricKeyType).toBe('ec');
      lent = key;
      throw new Error('its use failed');
    });
    await expect(failing).rejects.toThrow('its use failed');
    expect(lent?.length).toBe(pkcs8.length);
    expect(lent?.every((byte) => byte === 0)).toBe(true);
  });

  it('is refused alike with another PIN, another case, another application or another key-encryption key', async () => {
    const refusals = await Promise.allSettled([
      open(keyWrap, 'app-1', sealed, pin('Abcd1234Efgi')),
      open(keyWrap, 'app-1', sealed, pin('abcd1234efgh')),
      open(keyWrap, 'app-2', sealed, pin()),
      open(memoryKeyWrap(), 'app-1', sealed, pin()),
    ]);
    const reasons = refusals.map((refusal) => (refusal as PromiseRejectedResult).reason as Error);
    for (const reason of reasons) {
      expect(reason).toBeInstanceOf(PinRefused);
      expect(reason.message).toBe(reasons[0]?.message);
      expect(JSON.stringify(reason, Object.getOwnPropertyNames(reason))).not.toMatch(/Abcd1234|app-1/i);
    }
  });

  it('takes as much work to refuse a moved key as a wrong PIN', async () => {
    // Processor time, not wall time: the machine may be busy with something else.
    const workOf = async (applicationId: string, text: string): Promise<number> => {
      const before = process.cpuUsage();
      await open(keyWrap, applicationId, sealed, pin(text)).catch(() => undefined);
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    const wrongPin = await workOf('app-1', 'Abcd1234Efgi');
    expect(await workOf('app-2', PIN)).toBeGreaterThan(wrongPin / 2);
  });

  it('is bound to its application even without the outer wrap', async () => {
    await expect(open(noWrap, 'app-2', bare, pin())).rejects.toBeInstanceOf(PinRefused);
  });

  it('is refused when any part of it was changed', async () => {
    // One byte in the magic, cost, salt, nonce, key and tag.
    for (const index of [0, 4, 5, 21, 40, bare.length - 1]) {
      const tampered = Buffer.from(bare);
      tampered[index]! ^= 0x01;
      await expect(open(noWrap, 'app-1', tampered, pin())).rejects.toBeInstanceOf(PinRefused);
    }
    await expect(open(noWrap, 'app-1', bare.subarray(0, 20), pin())).rejects.toBeInstanceOf(PinRefused);
  });

  it('never spends more memory than the limit, whatever its header asks for', async () => {
    const greedy = Buffer.from(bare);
    greedy[4] = 30;
    await expect(open(noWrap, 'app-1', greedy, pin())).rejects.toBeInstanceOf(PinRefused);
  });

  it('says that the keeper of the key-encryption key failed, rather than blaming the PIN', async () => {
    const down: KeyWrap = { ...keyWrap, unwrap: () => Promise.reject(new Error('the keeper is down')) };
    await expect(open(down, 'app-1', sealed, pin())).rejects.toThrow('the keeper is down');
  });

  it('holds neither the key nor the PIN', () => {
    for (const secret of [PIN, pkcs8.subarray(-32).toString('latin1')]) {
      expect(bare.includes(Buffer.from(secret, 'latin1'))).toBe(false);
      expect(sealed.includes(Buffer.from(secret, 'latin1'))).toBe(false);
    }
  });
});
