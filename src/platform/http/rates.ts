import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExtension } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { addressOf } from './client-address.js';
import { ANEW } from './documented.js';

declare module 'fastify' {
  interface FastifyInstance {
    loginRateLimitPerMinute: number;
  }
  interface FastifyContextConfig {
    /** No request to the route is the repetition of another, whatever key it carries. */
    anew?: boolean;
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

/** Nobody gets in on what somebody proved before, however alike the requests are. */
export const LogsIn = () => applyDecorators(RouteConfig({ ...LOGIN_RATE, anew: true }), ApiExtension(ANEW, true));

/** Each is read by a person, so nobody fills their desk; and nobody's share is used up by another. */
export const REVOCATION_RATE = {
  rateLimit: {
    ...LOGIN_RATE.rateLimit,
    timeWindow: 3_600_000,
    keyGenerator: (request: FastifyRequest): string => `revocation:${addressOf(request)}`,
  },
};
