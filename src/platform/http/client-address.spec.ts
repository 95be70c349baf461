import { describe, expect, it } from '@jest/globals';
import { addressOf, networkOf } from './client-address.js';

const asked = (ip: string) => ({ ip, socket: { remoteAddress: '192.0.2.1' } }) as Parameters<typeof addressOf>[0];

describe('where somebody asks from', () => {
  it.each([
    ['198.51.100.7', '198.51.100.7'],
    ['2001:db8::1', '2001:db8::1'],
    ['unknown', '192.0.2.1'],
    ['198.51.100.7:4711', '192.0.2.1'],
    ['<script>', '192.0.2.1'],
    ['', '192.0.2.1'],
  ])('%j is taken for %s', (ip, address) => expect(addressOf(asked(ip))).toBe(address));

  it.each([
    ['198.51.100.7', '198.51.100.7'],
    ['::ffff:198.51.100.7', '198.51.100.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0db8:1:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s tries passwords as %s', (address, network) => expect(networkOf(address)).toBe(network));
});
