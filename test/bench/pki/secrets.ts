import type { Authority } from '../../../src/pki/authorities/authority.js';
import { newKeyPair } from '../../../src/pki/keys/key-kinds.js';
import { Pin } from '../../../src/pki/pins/pin.js';
import { sealKey, withOpenKey } from '../../../src/pki/pins/sealed-key.js';
import { PfxMaker } from '../../../src/pki/pkcs12/pfx-maker.js';
import { memoryKeyWrap } from '../../kit/pki.js';
import { issuer } from './issuing.js';
import { longestBlockOf, type Block } from '../../kit/longest-block.js';
import { medianMsOf } from './measure.js';

const PIN = 'Abcd1234Efgh';
const ROUNDS = 5;
const AT_ONCE = 4;

export interface SecretFigures {
  readonly sealMs: number;
  readonly openMs: number;
  readonly pfxMs: { readonly modern: number; readonly compatible: number };
  readonly blocks: { readonly seal: Block; readonly pfx: Block };
}

export const secretFigures = async (authority: Authority): Promise<SecretFigures> => {
  const keyWrap = memoryKeyWrap();
  const pin = Pin.parse(PIN)!;
  const { pkcs8 } = await newKeyPair('rsa-3072');
  const seal = (): Promise<Buffer> => sealKey(keyWrap, 'app-1', pkcs8, pin);
  const sealed = await seal();
  const maker = new PfxMaker({ entry: new URL('../../../src/pki/pkcs12/worker.ts', import.meta.url) });
  const certificates = [await (await issuer(authority))(), ...authority.chain];
  const pfx = (form: 'modern' | 'compatible'): Promise<Buffer> =>
    maker.make({ form, privateKey: pkcs8, certificates, friendlyName: '見本太郎' }, pin);
  await pfx('compatible'); // Starts the thread.
  const several = (work: () => Promise<unknown>): Promise<unknown> =>
    Promise.all(Array.from({ length: AT_ONCE }, () => work()));
  try {
    return {
      sealMs: await medianMsOf(ROUNDS, seal),
      openMs: await medianMsOf(ROUNDS, () => withOpenKey(keyWrap, 'app-1', sealed, pin, (key) => key.length)),
      pfxMs: {
        modern: await medianMsOf(ROUNDS, () => pfx('modern')),
        compatible: await medianMsOf(ROUNDS, () => pfx('compatible')),
      },
      blocks: {
        seal: await longestBlockOf(() => several(seal)),
        pfx: await longestBlockOf(() => several(() => pfx('modern'))),
      },
    };
  } finally {
    await maker.close();
  }
};
