import { setImmediate } from 'node:timers/promises';
import { X509Certificate } from 'node:crypto';
import { beforeAll, beforeEach, expect, it } from '@jest/globals';
import { describeWhen } from '../../../test/kit/describe-when.js';
import { GOOD, readAnswer, spelled, OcspDesk } from '../../../test/kit/ocsp.js';
import { hasTool } from '../../../test/kit/outside-tools.js';
import { ownFolder } from '../../../test/kit/own-folder.js';
import type { MemoryRegister } from '../../../test/kit/pki.js';
import type { AnswerOcsp } from './answer.js';

const hasOpenssl = hasTool('openssl', 'version');
const now = new Date();
let desk: OcspDesk;
beforeAll(async () => {
  desk = await OcspDesk.open(ownFolder(), now);
});
beforeEach(() => desk.reset());
const later = (at: Date, ms: number): Date => new Date(at.getTime() + ms);
const DAY_MS = 86_400_000;

describeWhen(hasOpenssl, 'the responder', () => {
  let request: Buffer;
  beforeAll(async () => {
    request = await desk.requestOf('-no_nonce');
  });
  const usedBy = async (by: AnswerOcsp, at: Date): Promise<X509Certificate> => {
    await setImmediate(); // Requests come from outside: between two of them, other work gets its turn.
    return new X509Certificate(readAnswer((await by(request, at)).body).certificate);
  };

  it('answers under a short-lived key of its own, renewed before its end', async () => {
    const first = await usedBy(desk.answer, now);
    expect(first.checkIssued(new X509Certificate(desk.signing.issuing.certificate))).toBe(true);
    expect(first.validToDate.getTime() - now.getTime()).toBeLessThanOrEqual(7 * DAY_MS);
    expect((await usedBy(desk.answer, later(first.validToDate, -2 * DAY_MS - 1))).serialNumber).toBe(
      first.serialNumber,
    );
    const due = later(first.validToDate, -2 * DAY_MS);
    // The next one is being made while the old one still answers.
    let used = await usedBy(desk.answer, due);
    for (let asked = 0; asked < 500 && used.serialNumber === first.serialNumber; asked++) {
      used = await usedBy(desk.answer, due);
    }
    expect(used.serialNumber).not.toBe(first.serialNumber);
  });

  it('never answers under an expired certificate, even after a long silence', async () => {
    const first = await usedBy(desk.answer, now);
    const after = later(first.validToDate, DAY_MS);
    const second = await usedBy(desk.answer, after);
    expect(second.serialNumber).not.toBe(first.serialNumber);
    expect(second.validToDate > after).toBe(true);
  });

  it('asks to try later while it can get no certificate, and tries itself again after a minute', async () => {
    const working = desk.register;
    let isDown = true;
    const keep: MemoryRegister['keep'] = (...args) =>
      isDown ? Promise.reject(new Error('down')) : working.keep(...args);
    desk.register = { ...working, keep };
    const early = desk.responder();
    const TRY_LATER = '30030a0103';
    expect((await early(request, now)).body.toString('hex')).toBe(TRY_LATER);
    isDown = false;
    expect((await early(request, later(now, 59_999))).body.toString('hex')).toBe(TRY_LATER);
    expect(readAnswer((await early(request, later(now, 60_000))).body).tag).toBe(GOOD);
    expect(desk.faults).toEqual([new Error('down')]);
  });

  it('goes on answering when a renewal fails, until its certificate ends', async () => {
    const working = desk.register;
    let isDown = false;
    const kept: MemoryRegister['kept'] = (...args) =>
      isDown ? Promise.reject(new Error('down')) : working.kept(...args);
    desk.register = { ...working, kept };
    const steady = desk.responder();
    const first = await usedBy(steady, now);
    isDown = true;
    for (const at of [later(first.validToDate, -DAY_MS), first.validToDate]) {
      expect((await usedBy(steady, at)).serialNumber).toBe(first.serialNumber);
    }
    // The renewal goes on beside the answer; what is awaited is that its failure has been reported.
    while (desk.faults.length === 0) await setImmediate();
    const last = await steady(request, later(first.validToDate, -60_000));
    expect(readAnswer(last.body).dates[1]).toBe(spelled(first.validToDate));
    expect((await steady(request, later(first.validToDate, 1))).body.length).toBeLessThan(10);
  });

  it('makes one key for all who ask at once', async () => {
    await Promise.all(Array.from({ length: 20 }, () => desk.answer(request, now)));
    expect(desk.register.serials.size).toBe(1);
  });
});
