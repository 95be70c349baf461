import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { FastifyServerFactory } from 'fastify';

/** Answers a request itself and says so, or leaves it to the framework. */
export type Front = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A body that comes byte by byte must not hold its connection for good. */
const REQUEST_MAX_MS = 300_000;

/** The web framework's server with others before it, whose answers cost less than a framework takes to find a route. */
export const serverBehind =
  (fronts: readonly Front[]): FastifyServerFactory =>
  (framework, { keepAliveTimeout }) => {
    const server: Server = createServer((request, response) => {
      if (!fronts.some((front) => front(request, response))) framework(request, response);
    });
    // What the framework sets on a server of its own making.
    if (typeof keepAliveTimeout === 'number') server.keepAliveTimeout = keepAliveTimeout;
    server.requestTimeout = REQUEST_MAX_MS;
    return server;
  };

/** Who asks, as the framework would tell: the connection's other end, or whom the proxy names. */
export const addressOf = ({ headers, socket }: IncomingMessage, trustProxy: boolean): string => {
  const forwarded = trustProxy ? headers['x-forwarded-for'] : undefined;
  const [first = ''] = String(forwarded ?? '').split(',', 1);
  return first.trim() || (socket.remoteAddress ?? '');
};
