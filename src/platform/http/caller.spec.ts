import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import { ownFolder } from '../../../test/kit/own-folder.js';
import { Keyring } from '../vault/keyring.js';
import { callerOf } from './caller.js';

const keyring = Keyring.open(join(ownFolder(), 'keyring.json'));
const nobody = { session: null, token: null, program: null };
const session = {
  accountId: 'account-1',
  credentialId: 'c1',
  kind: 'user',
  service: 'e-contract',
  tenant: 'grp01',
  loginId: 'A1000101',
  name: 'Taro Mihon',
  role: 'member',
} as const;

type Asked = Readonly<{ body?: unknown; headers?: Record<string, string>; ip?: string; anew?: boolean }>;
const requestOf = ({ body = {}, headers = {}, ip = '192.0.2.1', anew = false }: Asked): FastifyRequest =>
  ({
    id: 'correlation',
    ip,
    method: 'POST',
    url: '/api/v1/things?x=1',
    headers: { 'idempotency-key': 'k1', ...headers },
    body,
    routeOptions: { config: { anew } },
  }) as unknown as FastifyRequest;
const strangerOf = (asked: Asked = {}) => callerOf(requestOf(asked), nobody, keyring);

describe('a request with a key', () => {
  it('is the same for the same asker, and another for any other', () => {
    const ids = [
      {},
      { ip: '192.0.2.2' },
      { headers: { 'x-link-token': 'a' } },
      { headers: { 'x-link-token': 'b' } },
      { headers: { 'x-application-key': 'a' } },
      { headers: { 'idempotency-key': 'k2' } },
    ].map((asked) => {
      const { commandId, idempotent } = strangerOf(asked);
      expect(idempotent).toBe(true);
      expect(strangerOf(asked).commandId).toBe(commandId);
      return commandId;
    });
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('belongs to the account before all else, so that nobody takes an account for their token', () => {
    const known = (asked: Asked) => callerOf(requestOf(asked), { ...nobody, session }, keyring).commandId;
    expect(known({})).toBe(known({ ip: '192.0.2.2', headers: { 'x-link-token': 'a' } }));
    expect(strangerOf({ headers: { 'x-link-token': 'account-1' } }).commandId).not.toBe(known({}));
  });

  it('counts for nothing where each request is one of its own', () => {
    const [one, two] = [strangerOf({ anew: true }), strangerOf({ anew: true })];
    expect(one.commandId).not.toBe(two.commandId);
    expect([one.idempotent, one.fingerprint]).toEqual([false, null]);
  });

  it('leaves no digest of a secret in what is recorded', () => {
    const of = (body: unknown) => strangerOf({ body });
    const names = ['pin', 'holderPin', 'password', 'newPasswordRepeat', 'passcode', 'otp', 'onetimetoken', 'accessKey'];
    for (const name of names) {
      const [one, two] = [of({ a: 1, deep: { [name]: 'x1' } }), of({ a: 1, deep: { [name]: 'x2' } })];
      expect(one.fingerprint).toBe(two.fingerprint);
      expect(one.secretFingerprint).not.toBe(two.secretFingerprint);
    }
    for (const name of ['shipping', 'opinion', 'name', 'option']) {
      const [one, two] = [of({ [name]: 'x1' }), of({ [name]: 'x2' })];
      expect(one.fingerprint).not.toBe(two.fingerprint);
      expect(one.secretFingerprint).toBeNull();
    }
  });
});
