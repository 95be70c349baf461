import { createHash, timingSafeEqual } from 'node:crypto';

/** Decides by the authorization header who may call: whoever knows the credential of the connection string. */
export type Access = (authorization: string | undefined) => boolean;

export const openToAll: Access = () => true;

/** HTTP basic authentication, as the real server does; over TLS only, or the secret would be in the clear. */
export const holdersOf = (user: string, secret: string): Access => {
  const expected = digest(`Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`);
  // Digests have one length, so that the comparison's time says nothing about the secret.
  return (given) => given !== undefined && timingSafeEqual(digest(given), expected);
};

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
