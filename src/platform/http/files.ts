import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route reads the body itself, piece by piece, and keeps its own bounds. */
    streams?: boolean;
  }
}

/** For `@RouteConfig`: the body is a file that comes as a stream, whatever it calls itself. */
export const STREAMED = { streams: true };

const OCTETS = 'application/octet-stream';

const transportError = (statusCode: number): Error =>
  Object.assign(new Error('refused by the transport'), { statusCode });

const collected = async (body: IncomingMessage, maxBytes: number): Promise<Buffer> => {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > maxBytes) throw transportError(413);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
};

/** Files in bodies: as a stream where a route wants one, otherwise whole and as plain octets only. */
export const acceptFiles = (fastify: FastifyInstance, maxBytes: number): void => {
  const parse = async (request: FastifyRequest, body: IncomingMessage): Promise<unknown> => {
    if (request.routeOptions.config.streams) return body;
    if (request.headers['content-type'] !== OCTETS) throw transportError(415);
    return collected(body, maxBytes);
  };
  fastify.addContentTypeParser([OCTETS, '*'], parse);
};
