import { beforeAll, describe, expect, it } from '@jest/globals';
import { LintDesk } from '../../../test/kit/lint.js';
import { ownFolder } from '../../../test/kit/own-folder.js';
import { writeTbsCertificate } from '../certificates/tbs-certificate.js';
import { PROFILES } from '../profiles/catalogue.js';
import { daysFrom, termOf, type Validity } from '../profiles/term.js';
import { lint } from './lint.js';

const now = new Date('2026-07-08T01:00:00.000Z');
let desk: LintDesk;
beforeAll(async () => {
  desk = await LintDesk.open(ownFolder(), now);
});
const later = (at: Date, ms: number): Date => new Date(at.getTime() + ms);
const HOUR_MS = 3_600_000;

describe('the validity', () => {
  const during = (validity: Validity, at = now): string[] =>
    desk.judge(desk.signing, desk.person({ validity }), undefined, at);

  it('begins neither in the future nor long ago', () => {
    const validity = termOf(now, 1);
    expect(during(validity, now)).toEqual([]);
    expect(during(validity, later(now, -1))).toEqual(['NOT_BEFORE_IN_FUTURE']);
    expect(during(validity, later(now, 48 * HOUR_MS))).toEqual([]);
    expect(during(validity, later(now, 48 * HOUR_MS + 1))).toEqual(['BACKDATED']);
  });

  it('is one, two or three years to the second', () => {
    for (const years of [1, 2, 3]) expect(during(termOf(now, years))).toEqual([]);
    for (const years of [0, 4]) expect(during(termOf(now, years))).toEqual(['TERM']);
    const { notBefore, notAfter } = termOf(now, 2);
    expect(during({ notBefore, notAfter: later(notAfter, 1000) })).toEqual(['TERM']);
    expect(during({ notBefore, notAfter: later(notAfter, -1000) })).toEqual(['TERM']);
  });

  it('stays inside that of the authority', () => {
    const { notAfter } = desk.signing.issuing;
    const judged = (change: { notBefore?: Date; notAfter?: Date }): string[] =>
      lint(writeTbsCertificate(desk.signing.issuing, desk.person()), {
        profile: PROFILES['personal-signing'],
        issuer: { ...desk.signing.issuing, ...change },
        now,
      }).map(({ code }) => code);
    const ends = termOf(now, 3).notAfter;
    expect(notAfter > ends).toBe(true);
    expect(judged({ notAfter: ends })).toEqual([]);
    expect(judged({ notAfter: later(ends, -1000) })).toEqual(['OUTLIVES_ISSUER']);
    expect(judged({ notBefore: now })).toEqual([]);
    expect(judged({ notBefore: later(now, 1) })).toEqual(['BEFORE_ISSUER']);
  });

  it.each([
    ['2026-03-14T23:59:59Z', 398],
    ['2026-03-15T00:00:00Z', 200],
    ['2027-03-14T23:59:59Z', 200],
    ['2027-03-15T00:00:00Z', 100],
    ['2029-03-14T23:59:59Z', 100],
    ['2029-03-15T00:00:00Z', 47],
  ])('of a server certificate issued at %s is at most %d days', (from, days) => {
    const at = new Date(from);
    const issuer = { ...desk.server.issuing, notBefore: new Date(0), notAfter: new Date('2036-01-01T00:00:00Z') };
    const judged = (validity: Validity): string[] =>
      lint(writeTbsCertificate(issuer, desk.site({ validity })), {
        profile: PROFILES['server-organization'],
        issuer,
        now: at,
      }).map(({ code }) => code);
    const longest = daysFrom(at, days);
    expect(judged(longest)).toEqual([]);
    expect(judged({ ...longest, notAfter: later(longest.notAfter, 1000) })).toEqual(['TERM']);
    expect(judged({ notBefore: at, notAfter: at })).toEqual(['TERM']);
  });
});
