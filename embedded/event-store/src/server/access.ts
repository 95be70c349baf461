import { createHash, timingSafeEqual } from 'node:crypto';
import type { Metadata } from '@grpc/grpc-js';
import { unauthenticated } from '../protocol/refusals.js';

/** Decides who may call: whoever knows the credential of the connection string. */
export type Access = (metadata: Metadata) => void;

export const openToAll: Access = () => undefined;

/** HTTP basic authentication, as the real server does; over TLS only, or the secret would be in the clear. */
export const holdersOf = (user: string, secret: string): Access => {
  const expected = digest(`Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`);
  return (metadata) => {
    const given = metadata.get('authorization')[0];
    // Digests have one length, so that the comparison's time says nothing about the secret.
    if (given === undefined || !timingSafeEqual(digest(given.toString()), expected)) throw unauthenticated();
  };
};

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
