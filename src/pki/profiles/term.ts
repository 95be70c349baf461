/** Japan has had one offset and no summer time since 1952. */
const JAPAN_OFFSET_MS = 9 * 3_600_000;
const SECOND_MS = 1000;

export interface Validity {
  readonly notBefore: Date;
  /** The last second in which the certificate is valid. */
  readonly notAfter: Date;
}

const wholeSecond = (at: Date): Date => new Date(Math.floor(at.getTime() / SECOND_MS) * SECOND_MS);

/**
 * From the second of issue to 23:59:59 in Japan on the eve of the anniversary:
 * issued on 2026-07-08 for three years, valid until 2029-07-07 23:59:59. A 29 February ends on 28 February.
 */
export const termOf = (issuedAt: Date, years: number): Validity => {
  const inJapan = new Date(issuedAt.getTime() + JAPAN_OFFSET_MS);
  const anniversaryMs = Date.UTC(inJapan.getUTCFullYear() + years, inJapan.getUTCMonth(), inJapan.getUTCDate());
  return {
    notBefore: wholeSecond(issuedAt),
    notAfter: new Date(anniversaryMs - JAPAN_OFFSET_MS - SECOND_MS),
  };
};

/** Exactly so many days, both ends counted (so one second less than the days apart). */
export const daysFrom = (start: Date, days: number): Validity => {
  const notBefore = wholeSecond(start);
  return { notBefore, notAfter: new Date(notBefore.getTime() + days * 86_400_000 - SECOND_MS) };
};
