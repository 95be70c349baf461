import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, beforeEach, expect, it } from '@jest/globals';
import { describeWhen } from '../../../test/kit/describe-when.js';
import { GOOD, hashesIn, readAnswer, REVOKED, spelled, UNKNOWN, OcspDesk } from '../../../test/kit/ocsp.js';
import { hasTool, runTool } from '../../../test/kit/outside-tools.js';
import { ownFolder } from '../../../test/kit/own-folder.js';
import { newHierarchy, writePem } from '../../../test/kit/pki.js';
import { serialOf } from '../authorities/authority.js';
import { extension } from '../certificates/extensions.js';
import { children, elementAt, type Element } from '../der/decode.js';
import { explicit, integer, NULL, octetString, sequence, TAG, tlv, unsigned } from '../der/encode.js';
import { OCSP } from '../object-ids.js';
import { WAITING_FOR_SIGNATURES_MAX } from './rotating-responder.js';

const hasOpenssl = hasTool('openssl', 'version');
const now = new Date();
let desk: OcspDesk;
beforeAll(async () => {
  desk = await OcspDesk.open(ownFolder(), now);
});
beforeEach(() => desk.reset());
const later = (at: Date, ms: number): Date => new Date(at.getTime() + ms);
const HOUR_MS = 3_600_000;

describeWhen(hasOpenssl, 'an OCSP answer', () => {
  let request: Buffer;
  let withNonce: Buffer;
  beforeAll(async () => {
    request = await desk.requestOf('-no_nonce');
    withNonce = await desk.requestOf('-nonce');
  });

  it('is good, revoked or unknown, and dated to the second at hand', async () => {
    const good = readAnswer((await desk.answer(request, now)).body);
    expect([good.tag, good.produced, good.dates]).toEqual([
      GOOD,
      spelled(now),
      [spelled(now), spelled(later(now, HOUR_MS))],
    ]);
    desk.revokedAt(later(now, -5000));
    const revoked = readAnswer((await desk.answer(request, now)).body);
    expect([revoked.tag, revoked.revoked]).toEqual([REVOKED, spelled(later(now, -5000))]);
    desk.statuses.clear();
    expect(readAnswer((await desk.answer(request, now)).body).tag).toBe(UNKNOWN);
  });

  it('turns to revoked exactly when the revocation takes effect, and is not kept beyond that', async () => {
    const effectiveAt = later(now, HOUR_MS / 2);
    desk.revokedAt(effectiveAt);
    const before = readAnswer((await desk.answer(request, later(effectiveAt, -1))).body);
    expect([before.tag, before.dates[1]]).toEqual([GOOD, spelled(effectiveAt)]);
    const at = readAnswer((await desk.answer(request, effectiveAt)).body);
    expect(at.tag).toBe(REVOKED);
    // No date of an answer lies after the answer's own.
    expect(at.revoked <= at.produced).toBe(true);
  });

  it('about a certificate of another issuer is unknown', async () => {
    const other = await newHierarchy('client', ownFolder(), now);
    const issuer = writePem(desk.folder, 'other.pem', 'CERTIFICATE', other.issuing.certificate);
    const path = join(desk.folder, 'other.req');
    const asking = ['-issuer', issuer, '-serial', `0x${serialOf(desk.certificate)}`, '-reqout', path];
    await runTool('openssl', ['ocsp', ...asking]);
    expect(readAnswer((await desk.answer(readFileSync(path), now)).body).tag).toBe(UNKNOWN);
  });

  it('about another key of the same name, or another name of the same key, is unknown', async () => {
    const [nameHash, keyHash] = hashesIn(request);
    for (const hash of [nameHash, keyHash]) {
      const changed = Buffer.from(request);
      changed[changed.indexOf(hash)]! ^= 1;
      expect(readAnswer((await desk.answer(changed, now)).body).tag).toBe(UNKNOWN);
    }
  });

  it('is given about as many as sixteen certificates at once, and never about none', async () => {
    const [single] = children(children(children(elementAt(request))[0]!)[0]!);
    const about = (count: number): Buffer => sequence(sequence(sequence(...Array<Buffer>(count).fill(single!.raw))));
    expect((await desk.answer(about(16), now)).body.length).toBeGreaterThan(1000);
    for (const count of [0, 17]) expect((await desk.answer(about(count), now)).body.length).toBeLessThan(10);
  });

  it('repeats a nonce of 1 to 128 bytes and refuses others', async () => {
    const [list] = children(children(elementAt(request))[0]!);
    const asking = (bytes: number): Buffer => {
      const nonce = extension(OCSP.nonce, octetString(Buffer.alloc(bytes, 0xab)));
      return sequence(sequence(list!.raw, explicit(2, sequence(nonce))));
    };
    for (const bytes of [1, 32, 128]) {
      const { body } = await desk.answer(asking(bytes), now);
      expect(body.includes(octetString(Buffer.alloc(bytes, 0xab)))).toBe(true);
    }
    for (const bytes of [0, 129]) expect((await desk.answer(asking(bytes), now)).body.length).toBeLessThan(10);
  });

  it('is the same one, signed once, however a question about one certificate is dressed', async () => {
    const [list] = children(children(elementAt(request))[0]!);
    const dressed = extension('1.3.6.1.5.5.7.48.1.4', sequence());
    const others = [
      sequence(sequence(list!.raw, explicit(2, sequence(dressed)))),
      sequence(sequence(explicit(0, NULL), list!.raw)),
    ];
    const { body } = await desk.answer(request, now);
    for (const other of others) expect((await desk.answer(other, now)).body).toBe(body);
  });

  it.each([
    ['a padded serial', (id: Element[]) => [...id.slice(0, 3), tlv(TAG.integer, Buffer.of(0, 1))]],
    ['a serial of 22 bytes', (id: Element[]) => [...id.slice(0, 3), unsigned(Buffer.alloc(22, 1))]],
    ['something behind the serial', (id: Element[]) => [...id, NULL]],
    ['something behind the hash', ([hash, ...id]: Element[]) => [sequence(hash!.content, NULL), ...id]],
    ['parameters of the hash', ([hash, ...id]: Element[]) => [sequence(children(hash!)[0]!.raw, integer(1)), ...id]],
  ])('is refused to %s, or one certificate could be asked about in any number of ways', async (_, changed) => {
    const [single] = children(children(children(elementAt(request))[0]!)[0]!);
    const parts = changed(children(children(single!)[0]!)).map((part) => (Buffer.isBuffer(part) ? part : part.raw));
    const asked = sequence(sequence(sequence(sequence(sequence(...parts)))));
    expect((await desk.answer(asked, now)).body.toString('hex')).toBe('30030a0101');
  });

  it('of one asker alone waits for its turn, and comes later when too many wait', async () => {
    const asked = Array.from({ length: WAITING_FOR_SIGNATURES_MAX + 3 }, () => desk.answer(withNonce, now));
    const bodies = (await Promise.all(asked)).map(({ body }) => body.toString('hex'));
    // The first is signed at once, so many wait, the rest does not.
    expect(bodies.filter((body) => body === '30030a0103')).toHaveLength(2);
    expect(readAnswer((await desk.answer(withNonce, now)).body).tag).toBe(GOOD);
  });

  it('of one asker alone is not given beyond their share; what is signed for all is', async () => {
    const stranger = { maySign: () => false };
    const told = async (bytes: Buffer) => (await desk.answer(bytes, now, stranger)).body.toString('hex');
    expect(await told(withNonce)).toBe('30030a0103');
    expect(readAnswer((await desk.answer(request, now, stranger)).body).tag).toBe(GOOD);
    desk.statuses.clear();
    expect(await told(request)).toBe('30030a0103');
  });

  it('may be kept by others unless it was made for one asker', async () => {
    const plain = (await desk.answer(request, now)).reusable;
    expect(plain?.nextUpdate).toEqual(later(now, HOUR_MS));
    expect((await desk.answer(withNonce, now)).reusable).toBeUndefined();
  });

  it('to a changed request is an answer, never a fault and never "good" for another serial', async () => {
    desk.statuses = new Map([[serialOf(desk.certificate), { kind: 'good' }]]);
    const asked: string[] = [];
    const watched = desk.responder((serial) => {
      asked.push(serial);
      return desk.statuses.get(serial) ?? { kind: 'unknown' };
    });
    const mutation = fc.tuple(fc.nat(withNonce.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { maxLength: 4 }), fc.nat(withNonce.length), async (mutations, length) => {
        const changed = Buffer.from(withNonce.subarray(0, length % 3 === 0 ? length : withNonce.length));
        for (const [index, value] of mutations) if (index < changed.length) changed[index] = value;
        asked.length = 0;
        const { body } = await watched(changed, now);
        const isFailure = body.length < 10;
        if (!isFailure && readAnswer(body).tag === GOOD) expect(asked).toContain(serialOf(desk.certificate));
      }),
      { numRuns: 500 },
    );
    expect(desk.faults).toEqual([]);
  });

  it('to what is no request says so, and keeps quiet about faults of its own', async () => {
    const failure = async (bytes: Buffer, by = desk.answer): Promise<string> =>
      (await by(bytes, now)).body.toString('hex');
    const MALFORMED = '30030a0101';
    expect(await failure(Buffer.alloc(0))).toBe(MALFORMED);
    expect(await failure(Buffer.concat([request, Buffer.alloc(1)]))).toBe(MALFORMED);
    expect(await failure(Buffer.alloc(5000, 0x30))).toBe(MALFORMED);
    const broken = desk.responder(() => {
      throw new Error('the register is down');
    });
    expect(await failure(request, broken)).toBe('30030a0102');
    expect(desk.faults).toEqual([new Error('the register is down')]);
  });
});
