import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tls from 'node:tls';
import { privateIdentity } from './private-identity.js';

const freshFolder = (): string => mkdtempSync(join(tmpdir(), 'private-identity-'));

const handshake = async (
  host: string,
  ca: string,
  serving = privateIdentity(freshFolder(), 'a node'),
): Promise<boolean> => {
  const server = tls.createServer({ cert: serving.certificatePem, key: serving.keyPem }).listen(0, host);
  server.on('tlsClientError', () => undefined);
  await once(server, 'listening');
  const socket = tls.connect({ host, port: (server.address() as AddressInfo).port, ca });
  try {
    await once(socket, 'secureConnect');
    return socket.authorized;
  } finally {
    socket.destroy();
    server.close();
  }
};

describe('a private identity', () => {
  it('is made once and then kept', () => {
    const folder = freshFolder();
    expect(privateIdentity(folder, 'a node')).toEqual(privateIdentity(folder, 'a node'));
    expect(privateIdentity(folder, 'a node').secret).toMatch(/^[0-9a-f]{64}$/);
    expect(privateIdentity(freshFolder(), 'a node').secret).not.toBe(privateIdentity(folder, 'a node').secret);
  });

  it('is readable by its owner only', () => {
    const folder = freshFolder();
    privateIdentity(folder, 'a node');
    const home = join(folder, 'identity');
    for (const path of [home, ...readdirSync(home).map((name) => join(home, name))]) {
      expect(statSync(path).mode & 0o077).toBe(0);
    }
  });

  it.each(['127.0.0.1', 'localhost'])('serves TLS that its own authority vouches for at %s', async (host) => {
    const identity = privateIdentity(freshFolder(), 'a node');
    expect(await handshake(host, readFileSync(identity.authorityFile, 'utf8'), identity)).toBe(true);
  });

  it('is not trusted through the authority of another node', async () => {
    const other = privateIdentity(freshFolder(), 'a node');
    await expect(handshake('127.0.0.1', readFileSync(other.authorityFile, 'utf8'))).rejects.toThrow('certificate');
  });
});
