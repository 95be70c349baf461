import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { connect as connectSocket, createServer, type AddressInfo, type Socket } from 'node:net';
import { Connection } from '@temporalio/client';
import { startNode, type NodeOptions, type TemporalNode } from '../../../embedded/temporal/src/node.js';
import { RawWorker } from './raw-worker.js';
import { temporaryFolder } from './target.js';

export interface RawNode {
  readonly node: TemporalNode;
  readonly worker: RawWorker;
  readonly connection: Connection;
  close(): Promise<void>;
}

/** As a client connects that was told where the node's files are. */
export async function connectTo({ ready }: TemporalNode): Promise<Connection> {
  const { address, tls } = ready;
  if (!tls) return Connection.connect({ address, interceptors: [] });
  return Connection.connect({
    address,
    interceptors: [],
    tls: { serverRootCACertificate: readFileSync(tls.authorityFile), serverNameOverride: 'localhost' },
    apiKey: readFileSync(tls.secretFile, 'utf8').trim(),
  });
}

/** A node in this thread, so that a test sees its memory, and a worker that speaks call by call. */
async function openRawNode(options: Partial<NodeOptions>): Promise<RawNode> {
  const dataDir = options.dataDir ?? temporaryFolder().path;
  const node = await startNode({ insecure: true, movableClock: true, ...options, dataDir });
  const connection = await connectTo(node);
  const close = async (): Promise<void> => {
    await connection.close();
    await node.stop().catch(() => undefined);
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { node, connection, worker: new RawWorker(connection), close };
}

/** Opens as many as a test asks for; all are closed, and their folders removed, when it has ended. */
export function useRawNodes(): (options?: Partial<NodeOptions>) => Promise<RawNode> {
  let open: RawNode[] = [];
  afterEach(async () => {
    for (const one of open) await one.close();
    open = [];
  });
  return async (options = {}) => {
    const one = await openRawNode(options);
    open.push(one);
    return one;
  };
}

/** A connection that can end the way a killed process ends it: without a word. */
export async function openDoomed(port: number): Promise<{ connection: Connection; kill(): Promise<void> }> {
  const sockets: Socket[] = [];
  const relay = createServer((near) => {
    const far = connectSocket(port, '127.0.0.1');
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.pipe(far);
    far.pipe(near);
    sockets.push(near, far);
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const address = `127.0.0.1:${(relay.address() as AddressInfo).port}`;
  const connection = await Connection.connect({ address, interceptors: [] });
  const kill = async (): Promise<void> => {
    relay.close();
    // What the system does for a process that was killed: it closes, and says nothing on the level of HTTP/2.
    for (const socket of sockets) socket.destroy();
    await connection.close();
  };
  return { connection, kill };
}
