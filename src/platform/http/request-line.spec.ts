import { Writable } from 'node:stream';
import { expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { logOf } from '../telemetry/log.js';
import { lineOf, logged } from './request-line.js';

const session = { tenant: 'C00123"\u3042', accountId: 'account-1' };
const request = {
  id: '3f0c1ad2-0d8e-4c55-9d0e-0a8f5f2d7b10',
  method: 'GET',
  routeOptions: { url: '/api/v1/things/:id' },
} as const;
const reply = { statusCode: 200, elapsedTime: 12.345 };

const collected = (level: string) => {
  const lines: string[] = [];
  return { lines, log: logOf(level, new Writable({ write: (line, _, done) => (lines.push(String(line)), done()) })) };
};
const timeless = (line: string) => line.replace(/"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/, '"time":""');

it.each([
  ['somebody', { session }, { tenant: session.tenant, account: session.accountId }],
  ['a stranger', { session: null }, {}],
  ['nobody knows', undefined, {}],
])('says of what %s asks what the logger would say', (_, caller, who) => {
  const { lines, log } = collected('info');
  const { url: route } = request.routeOptions;
  log.info({ correlationId: request.id, method: 'GET', route, status: 200, ms: 12.3, ...who }, 'request');
  const line = lineOf({ ...request, caller } as never, reply);
  expect(timeless(line)).toBe(timeless(lines[0]!));
  expect(lineOf({ ...request, routeOptions: {} }, reply)).toContain('"route":"unknown"');
});

it.each([
  ['info', 1],
  ['warn', 0],
])('goes where the logger writes, at the level %s', (level, count) => {
  const { lines, log } = collected(level);
  const hooks: ((...asked: unknown[]) => void)[] = [];
  logged({ addHook: (_: string, hook: never) => hooks.push(hook) } as unknown as FastifyInstance, log);
  let done = 0;
  hooks[0]!(request, reply, () => (done += 1));
  expect([lines.length, done]).toEqual([count, 1]);
});
