import { createHash } from 'node:crypto';

/** Bodies are handed out many times; their mark is worked out once. */
const etags = new WeakMap<Buffer, string>();
const etagOf = (body: Buffer): string => {
  const known = etags.get(body);
  if (known !== undefined) return known;
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  etags.set(body, etag);
  return etag;
};

/** Headers under which a list or an OCSP answer may be kept by anybody (RFC 5019 §6.2), or by nobody. */
export const cachingHeaders = (
  body: Buffer,
  reusable: { readonly thisUpdate: Date; readonly nextUpdate: Date } | undefined,
  now: Date,
): Record<string, string> => {
  if (reusable === undefined) return { 'cache-control': 'no-store' };
  const { thisUpdate, nextUpdate } = reusable;
  const maxAgeS = Math.max(0, Math.floor((nextUpdate.getTime() - now.getTime()) / 1000));
  return {
    'cache-control': `max-age=${maxAgeS}, public, no-transform, must-revalidate`,
    'last-modified': thisUpdate.toUTCString(),
    expires: nextUpdate.toUTCString(),
    etag: etagOf(body),
  };
};

/** What an asker says of the copy at hand. */
interface Asked {
  readonly 'if-none-match'?: string | undefined;
  readonly 'if-modified-since'?: string | undefined;
}

/** Whether the asker's copy is still the right one (RFC 9110 §13.1: a mark counts more than a date). */
export const isHeldAlready = (
  { 'if-none-match': marks, 'if-modified-since': since }: Asked,
  { etag, 'last-modified': modified }: Readonly<Record<string, string>>,
): boolean => {
  if (etag !== undefined && marks !== undefined)
    return marks.trim() === '*' || marks.split(',').some((mark) => mark.trim().replace(/^W\//, '') === etag);
  if (modified === undefined || since === undefined || marks !== undefined) return false;
  return Date.parse(since) >= Date.parse(modified);
};
