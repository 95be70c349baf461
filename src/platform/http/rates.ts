import { applyDecorators, HttpException } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExtension } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { addressOf } from './client-address.js';
import { ANEW } from './documented.js';
import { PerWindow } from './per-minute.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route has a bound of its own, that of logins, within this time. */
    guessedWithinMs?: number;
    /** No request to the route is the repetition of another, whatever key it carries. */
    anew?: boolean;
  }
}

const MINUTE_MS = 60_000;

/** Guessing is held back per address long before it is held back per account. */
export const LOGIN_RATE = { guessedWithinMs: MINUTE_MS };

/** Nobody gets in on what somebody proved before, however alike the requests are. */
export const LogsIn = () => applyDecorators(RouteConfig({ ...LOGIN_RATE, anew: true }), ApiExtension(ANEW, true));

/** Each is read by a person, so nobody fills their desk; and nobody's share is used up by another. */
export const REVOCATION_RATE = { guessedWithinMs: 60 * MINUTE_MS };

type Bounds = Readonly<{ rateLimitPerMinute: number; loginRateLimitPerMinute: number }>;

export type Limits = (request: FastifyRequest, reply: FastifyReply) => HttpException | null;

/** How often one address may ask: all routes together, and each that says so by itself. By the time of the machine. */
export const limitsOf = ({ rateLimitPerMinute, loginRateLimitPerMinute }: Bounds): Limits => {
  const nowMs = () => performance.now();
  const common = new PerWindow(nowMs, MINUTE_MS, rateLimitPerMinute);
  const own = new Map<string, PerWindow>();
  return (request, reply) => {
    const { config, method, url } = request.routeOptions;
    let bound = common;
    if (config.guessedWithinMs !== undefined) {
      const route = `${method as string} ${url}`;
      bound = own.get(route) ?? new PerWindow(nowMs, config.guessedWithinMs, loginRateLimitPerMinute);
      own.set(route, bound);
    }
    const waitS = bound.waitOf(addressOf(request));
    if (waitS === null) return null;
    reply.header('retry-after', String(waitS));
    // The framework takes anything else for a fault of the server.
    return new HttpException('too many tries', 429);
  };
};
