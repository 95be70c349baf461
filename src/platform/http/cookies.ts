import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Session, Sessions } from '../access/sessions.js';
import { addressOf, networkOf } from './client-address.js';

declare module 'fastify' {
  interface FastifyInstance {
    secureCookies: boolean;
  }
}

export const SESSION_COOKIE = 'shomei_session';
const DEVICE_COOKIE = 'shomei_device';
const DEVICE_MAX_AGE_S = 365 * 24 * 3600;
const PATH = '/api';

/** Of those that the browser sends along, the first of this name. Looked for by every request, so without lists. */
export const cookieOf = (
  { headers }: Readonly<{ headers: { cookie?: string | undefined } }>,
  name: string,
): string | undefined => {
  const all = headers.cookie ?? '';
  for (let begin = all.indexOf(name); begin >= 0; begin = all.indexOf(name, begin + 1)) {
    const value = begin + name.length;
    if (all[value] !== '=' || !BEFORE.includes(all[begin - 1])) continue;
    const end = all.indexOf(';', value);
    return all.slice(value + 1, end < 0 ? undefined : end).trim();
  }
  return undefined;
};

/** What may stand before a name: nothing, or the end of the pair before. */
const BEFORE: readonly (string | undefined)[] = [undefined, ' ', ';', '\t'];

/** What stands in ours needs no quoting: digits, letters, and a few marks between them. */
const put = (request: FastifyRequest, reply: FastifyReply, name: string, value: string, lives = ''): void => {
  // People who reach the service over TLS get cookies that stay on TLS, whatever the proxy says; on a developer's machine
  // there is none.
  const isSecure = request.server.secureCookies || request.protocol === 'https';
  reply.header(
    'set-cookie',
    `${name}=${value}${lives}; Path=${PATH}; HttpOnly${isSecure ? '; Secure' : ''}; SameSite=Strict`,
  );
};

/** The browser that a login comes from: known where it has logged in as this account before, and what marks it so. */
export const browserOf = (
  request: FastifyRequest,
  sessions: Sessions,
  accessId: string,
): Readonly<{ known: string | null; network: string; mark: string }> => {
  const known = sessions.deviceOf(accessId, cookieOf(request, DEVICE_COOKIE));
  const mark = sessions.deviceMark(accessId, known ?? undefined);
  return { known, network: networkOf(addressOf(request)), mark };
};

/** Opens the session in the browser and marks the browser as one that knows this account. */
export const openSession = async (
  request: FastifyRequest,
  reply: FastifyReply,
  sessions: Sessions,
  session: Session,
  deviceMark: string,
): Promise<string> => {
  const before = cookieOf(request, SESSION_COOKIE);
  // A browser has one session; the old one must not live on unseen.
  if (before !== undefined) await sessions.end(before);
  const token = await sessions.start(session);
  put(request, reply, SESSION_COOKIE, token);
  put(request, reply, DEVICE_COOKIE, deviceMark, `; Max-Age=${DEVICE_MAX_AGE_S}`);
  return token;
};

export const closeSession = (request: FastifyRequest, reply: FastifyReply): void => {
  put(request, reply, SESSION_COOKIE, '', '; Max-Age=0');
};
