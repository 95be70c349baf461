import type { IncomingMessage } from 'node:http';
import { expect, it } from '@jest/globals';
import { addressesBehind } from './front.js';

const asked = (remoteAddress: string, forwarded?: string) =>
  ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }) as unknown as IncomingMessage;

it.each([
  ['a stranger is who is connected', '192.0.2.9', '198.51.100.1', '192.0.2.9'],
  ['a proxy of ours tells who asks', '10.1.2.3', '198.51.100.1', '198.51.100.1'],
  [
    'what was claimed before the first stranger is not believed',
    '10.1.2.3',
    '203.0.113.7, 198.51.100.1',
    '198.51.100.1',
  ],
  ['a second proxy of ours is passed', '10.1.2.3', '198.51.100.1, 192.0.2.7', '198.51.100.1'],
  ['a proxy in IPv6 clothes is the same', '::ffff:10.1.2.3', '198.51.100.1', '198.51.100.1'],
  ['an IPv6 proxy', '2001:db8::5', '2001:db8:ffff::1', '2001:db8:ffff::1'],
  ['a proxy that names nobody', '10.1.2.3', undefined, '10.1.2.3'],
  ['a proxy that names nonsense', '10.1.2.3', 'unknown', '10.1.2.3'],
])('%s', (_, remote, forwarded, expected) =>
  expect(addressesBehind(['10.0.0.0/8', '192.0.2.7', '2001:db8::/64'])(asked(remote, forwarded))).toBe(expected),
);
