import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { BlockList, isIP } from 'node:net';
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

/** Who asks, as the framework would tell: from the nearest hop on, the first who is no proxy of ours. */
export const addressesBehind = (trustedProxies: readonly string[]): ((request: IncomingMessage) => string) => {
  const proxies = new BlockList();
  for (const entry of trustedProxies) {
    const [address = '', length] = entry.split('/', 2);
    if (length === undefined) proxies.addAddress(address, familyOf(address));
    else proxies.addSubnet(address, Number(length), familyOf(address));
  }
  const isOurs = (address: string): boolean => isIP(address) > 0 && proxies.check(address, familyOf(address));
  return ({ headers, socket }) => {
    const direct = socket.remoteAddress ?? 'unknown';
    if (!isOurs(direct)) return direct;
    const hops = String(headers['x-forwarded-for'] ?? '').split(',');
    const told = hops.map((hop) => hop.trim()).filter((hop) => hop !== '');
    // Where all are ours, the farthest; what is no address was said by nobody we believe.
    const client = told.findLast((hop) => !isOurs(hop)) ?? told[0] ?? direct;
    return isIP(client) > 0 ? client : direct;
  };
};

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 4 ? 'ipv4' : 'ipv6');
