import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { plainProblem } from './problem.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** By which methods something stands at an address, whatever its parts are called. */
    methodsAt: (path: string) => readonly string[];
  }
}

/** No part of an address is too long to be looked for; the whole of it is bounded by what Node takes for a header. */
export const PART_MAX = 16 * 1024;

const segmentsOf = (path: string): readonly string[] => path.split('/');

const fits = (pattern: readonly string[], path: readonly string[]): boolean =>
  pattern.at(-1) === '*'
    ? path.length >= pattern.length && fits(pattern.slice(0, -1), path.slice(0, pattern.length - 1))
    : pattern.length === path.length && pattern.every((part, n) => part.startsWith(':') || part === path[n]);

/** Remembers what is mounted, so that a wrong method is told from a wrong address; looked through only where nothing was found. */
export const rememberMethods = (fastify: FastifyInstance): void => {
  const mounted: { pattern: readonly string[]; methods: readonly string[] }[] = [];
  fastify.addHook('onRoute', ({ method, url }) => {
    mounted.push({ pattern: segmentsOf(url), methods: [method].flat() });
  });
  fastify.decorate('methodsAt', (path: string) => {
    const asked = segmentsOf(path);
    return [...new Set(mounted.filter(({ pattern }) => fits(pattern, asked)).flatMap(({ methods }) => methods))].sort();
  });
};

/** An address that cannot even be read meets neither route nor hook; what it gets is a problem all the same. */
export const unreadable = (_: Error, request: FastifyRequest, reply: FastifyReply): void =>
  void reply
    .status(400)
    .headers({ 'x-content-type-options': 'nosniff', 'cache-control': 'private, no-cache' })
    .type('application/problem+json; charset=utf-8')
    .send(plainProblem(400, 'MALFORMED', 'The address is not well-formed.', request.id));
