import { connect as connectTls } from 'node:tls';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventStoreNodes, type TestNode } from '../../../kit/event-store-node.js';
import type { Connection, Proposed, Recorded, Refused } from '../vocabulary.js';
import { event, events, idsOf, newStream } from './makings.js';

const WRITERS = 32;

type Connect = (connectionString: string) => Connection;

/** What only a node of our own can show: who may speak to it, and that clients find it again after a restart. */
export const serving = (connect: Connect): void => {
  const nodes = eventStoreNodes();
  const connections: Connection[] = [];
  const connected: Connect = (connectionString) => {
    const connection = connect(connectionString);
    connections.push(connection);
    return connection;
  };
  afterAll(() => Promise.all(connections.map((connection) => connection.close())));

  describe('a client', () => {
    it('finds the node by discovery', async () => {
      const { connectionString } = await nodes.start();
      const connection = connected(connectionString.replace('esdb://', 'esdb+discover://'));
      const stream = newStream();
      await connection.append(stream, events(2));
      expect(await connection.readStream(stream)).toHaveLength(2);
    });

    it('goes on after the node was stopped and started on the same port, and finds everything there', async () => {
      const node = await nodes.start();
      const connection = connected(node.connectionString);
      const stream = newStream();
      const sent = events(3);
      await connection.append(stream, sent);
      await node.stop();
      await expect(connection.append(stream, [event()])).rejects.toMatchObject({ name: 'Refused' });
      const again = await nodes.start({ dataDir: node.dataDir, port: node.port });
      expect(again.connectionString).toBe(node.connectionString);
      const next = [event()];
      await eventually(() => connection.append(stream, next));
      expect(idsOf(await eventually(() => connection.readStream(stream)))).toEqual(idsOf([...sent, ...next]));
    });

    it('is told by its subscription that the node stops', async () => {
      const node = await nodes.start();
      const connection = connected(node.connectionString);
      const subscription = connection.subscribeToAll('start');
      await subscription.until((s) => s.caughtUp > 0);
      await node.stop();
      await subscription.until((s) => s.failure !== undefined);
      expect(subscription.failure?.kind).toBe('unavailable');
    });

    it('whose append the stopping node cut off is told to try again, and finds whatever was answered', async () => {
      const node = await nodes.start();
      const connection = connected(node.connectionString);
      const answered: string[] = [];
      const cutOff: { stream: string; proposed: Proposed; kind: string }[] = [];
      let enough: () => void;
      const underLoad = new Promise<void>((resolve) => (enough = resolve));
      // Each goes on until an append fails: so every one of them is cut off.
      const writers = Array.from({ length: WRITERS }, async () => {
        const stream = newStream();
        for (;;) {
          const proposed = event();
          try {
            const { revision, position } = await connection.append(stream, [proposed]);
            answered.push(`${position} ${stream} ${revision} ${proposed.id}`);
            if (answered.length >= 4 * WRITERS) enough();
          } catch (error) {
            cutOff.push({ stream, proposed, kind: (error as Refused).kind });
            return;
          }
        }
      });
      await underLoad;
      await node.stop();
      await Promise.all(writers);
      expect(cutOff.filter(({ kind }) => !['unavailable', 'cancelled'].includes(kind))).toEqual([]);

      const again = await nodes.start({ dataDir: node.dataDir });
      const reconnected = connected(again.connectionString);
      const linesOf = (list: readonly Recorded[]): string[] =>
        list.map(({ position, stream, revision, id }) => `${position} ${stream} ${revision} ${id}`);
      expect(linesOf(await reconnected.readAll())).toEqual(expect.arrayContaining(answered));
      for (const { stream, proposed } of cutOff) await reconnected.append(stream, [proposed]);
      const ids = idsOf(await reconnected.readAll());
      expect(ids).toHaveLength(answered.length + WRITERS);
      expect(new Set(ids).size).toBe(ids.length);
    });
  });

  describe('on a machine with other users', () => {
    let node: TestNode;
    const stream = newStream();
    const changed = (change: (url: URL) => void): string => {
      const url = new URL(node.connectionString.replace('esdb:', 'http:'));
      change(url);
      return url.href.replace('http:', 'esdb:');
    };

    beforeAll(async () => {
      node = await nodes.start();
      await connected(node.connectionString).append(stream, events(1));
    });

    it.each<[string, (url: URL) => void]>([
      ['without a credential', (url) => ((url.username = ''), (url.password = ''))],
      ['with a wrong password', (url) => (url.password = 'changeit')],
      ['with a password that is one character short', (url) => (url.password = url.password.slice(0, -1))],
      ['with another user name', (url) => (url.username = 'root')],
    ])('%s nothing can be read, followed or appended', async (_, change) => {
      const stranger = connected(changed(change));
      const denied = { kind: 'access-denied' };
      await expect(stranger.readStream(stream)).rejects.toMatchObject(denied);
      await expect(stranger.readAll()).rejects.toMatchObject(denied);
      await expect(stranger.append(stream, [event()])).rejects.toMatchObject(denied);
      await expect(stranger.delete(stream)).rejects.toMatchObject(denied);
      const subscription = stranger.subscribeToAll();
      await subscription.until((s) => s.failure !== undefined);
      expect(subscription.failure).toMatchObject(denied);
      expect(subscription.events).toEqual([]);
      expect(await connected(node.connectionString).readStream(stream)).toHaveLength(1);
    });

    it('a client that trusts another authority does not speak to it', async () => {
      const impostor = await nodes.start();
      const foreign = new URL(impostor.connectionString.replace('esdb:', 'http:')).searchParams.get('tlsCAFile') ?? '';
      const stranger = connected(changed((url) => url.searchParams.set('tlsCAFile', foreign)));
      await expect(stranger.readStream(stream)).rejects.toMatchObject({ name: 'Refused' });
      await expect(stranger.append(stream, [event()])).rejects.toMatchObject({ name: 'Refused' });
    });

    it('it proves by TLS that it owns the folder', async () => {
      const ca = readFileSync(join(node.dataDir, 'identity', 'authority.pem'));
      const socket = connectTls({
        port: node.port,
        host: '127.0.0.1',
        servername: 'localhost',
        ca,
        ALPNProtocols: ['h2'],
      });
      await once(socket, 'secureConnect');
      expect(socket.authorized).toBe(true);
      socket.destroy();
    });

    it('its secret outlives a restart', async () => {
      const first = await nodes.start();
      await first.stop();
      const second = await nodes.start({ dataDir: first.dataDir });
      const secretOf = ({ connectionString }: TestNode) => new URL(connectionString.replace('esdb:', 'http:')).password;
      expect(secretOf(second)).toBe(secretOf(first));
      expect(secretOf(first)).toHaveLength(64);
    });
  });

  it('started insecure, it serves without credential and without TLS, and keeps no secret', async () => {
    const node = await nodes.start({ insecure: true });
    expect(node.connectionString).toBe(`esdb://127.0.0.1:${node.port}?tls=false`);
    const connection = connected(node.connectionString);
    const stream = newStream();
    await connection.append(stream, events(2));
    await connection.append(stream, events(2), { way: 'classic' });
    expect(await connection.readStream(stream)).toHaveLength(4);
  });
};

/** Until the client has noticed that its node is back. */
const eventually = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
};
