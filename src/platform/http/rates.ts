import type { FastifyRequest } from 'fastify';
import { addressOf } from './client-address.js';

declare module 'fastify' {
  interface FastifyInstance {
    loginRateLimitPerMinute: number;
  }
}

/** Guessing is held back per address long before it is held back per account. */
export const LOGIN_RATE = {
  rateLimit: {
    max: (request: FastifyRequest): number => request.server.loginRateLimitPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request: FastifyRequest): string => `login:${addressOf(request)}`,
  },
};
