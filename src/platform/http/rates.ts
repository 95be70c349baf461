import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refusal } from '../../kernel/refusal.js';
import type { Config } from '../config/config.js';
import { Rates } from './asking-rates.js';
import { Refused } from './refused.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    guessable?: boolean;
  }
}

/** For `@RouteConfig`: guessing is held back per address long before it is held back per account. */
export const LOGIN_RATE = { guessable: true };

/** Who asks too often is held back for as long as the wall says: time that a test moves would free nobody from a flood. */
const WALL = { now: () => new Date() };

/** Limits by address: of everything, and for each route that invites guessing its own. */
export const holdBack = (
  fastify: FastifyInstance,
  { rateLimitPerMinute, loginRateLimitPerMinute }: Pick<Config, 'rateLimitPerMinute' | 'loginRateLimitPerMinute'>,
): void => {
  const everything = new Rates(WALL, rateLimitPerMinute);
  const guesses = new Rates(WALL, loginRateLimitPerMinute);
  fastify.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done) => {
    const { config, url } = request.routeOptions;
    const waitS = config.guessable ? guesses.waitOf(`${url} ${request.ip}`) : everything.waitOf(request.ip);
    if (waitS === null) return done();
    reply.header('retry-after', String(waitS));
    return done(new Refused(refusal('TOO_MANY_TRIES')));
  });
};
