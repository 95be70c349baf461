import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Session, Sessions } from '../access/sessions.js';
import { addressOf, networkOf } from './client-address.js';
import { SESSION_COOKIE } from './session-guard.js';

declare module 'fastify' {
  interface FastifyInstance {
    secureCookies: boolean;
  }
}

const DEVICE_COOKIE = 'shomei_device';
const DEVICE_MAX_AGE_S = 365 * 24 * 3600;
const PATH = '/api';

const options = (request: FastifyRequest): CookieSerializeOptions => ({
  path: PATH,
  httpOnly: true,
  sameSite: 'strict',
  // People who reach the service over TLS get cookies that stay on TLS, whatever the proxy says; on a developer's machine
  // there is none.
  secure: request.server.secureCookies || request.protocol === 'https',
});

/** The browser that a login comes from: known where it has logged in as this account before, and what marks it so. */
export const browserOf = (
  request: FastifyRequest,
  sessions: Sessions,
  accessId: string,
): Readonly<{ known: string | null; network: string; mark: string }> => {
  const known = sessions.deviceOf(accessId, request.cookies[DEVICE_COOKIE]);
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
  const before = request.cookies[SESSION_COOKIE];
  // A browser has one session; the old one must not live on unseen.
  if (before !== undefined) await sessions.end(before);
  const token = await sessions.start(session);
  reply.setCookie(SESSION_COOKIE, token, options(request));
  reply.setCookie(DEVICE_COOKIE, deviceMark, { ...options(request), maxAge: DEVICE_MAX_AGE_S });
  return token;
};

export const closeSession = (request: FastifyRequest, reply: FastifyReply): void => {
  reply.clearCookie(SESSION_COOKIE, options(request));
};
