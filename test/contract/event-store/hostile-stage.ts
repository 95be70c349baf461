import { randomUUID } from 'node:crypto';
import { temporaryFolders } from '../../kit/event-store-node.js';
import { startNodeProcess, type NodeProcess } from '../../kit/event-store-process.js';
import { RawPeer } from '../../kit/raw-grpc.js';
import { APPEND, appendEvent, appendOptions, READ, readRequest, sent, streams } from './wire.js';

export const MIB = 1024 * 1024;

export const STATUS = {
  ok: 0,
  invalid: 3,
  deadline: 4,
  denied: 7,
  exhausted: 8,
  outOfRange: 11,
  unimplemented: 12,
  internal: 13,
  unauthenticated: 16,
};

export interface HostileStage {
  readonly node: NodeProcess;
  /** Holds the credential. */
  readonly peer: RawPeer;
  readonly stranger: RawPeer;
  /** How many events a stream has, -1 when there is no such stream. */
  lengthOf(stream: string): Promise<number>;
}

/** A node in a process of its own; after every test it must still be there and serve a well-behaved client. */
export const hostileStage = (): HostileStage => {
  const folder = temporaryFolders();
  let node: NodeProcess;
  let peer: RawPeer;
  let stranger: RawPeer;

  beforeAll(async () => {
    node = await startNodeProcess('--data', folder());
  });
  // Connections of its own for each test: what one does to them may not spoil the next.
  beforeEach(async () => {
    peer = await RawPeer.connect(node.connectionString);
    stranger = await RawPeer.connect(node.connectionString, { credential: false });
  });
  afterEach(() => {
    peer.close();
    stranger.close();
  });
  afterAll(async () => {
    expect(await node.stop()).toBe(0);
    expect(node.stderr).toBe('');
  });

  afterEach(async () => {
    expect(node.exitCode).toBeUndefined();
    const good = await RawPeer.connect(node.connectionString);
    const stream = `good-${randomUUID()}`;
    const appended = await good.call({ path: APPEND, chunks: sent(appendOptions(stream), appendEvent()) });
    expect(appended.status).toBe(STATUS.ok);
    const read = await good.call({ path: READ, chunks: sent(readRequest(undefined, stream)) });
    expect(read.messages).toHaveLength(1);
    good.close();
  });

  return {
    get node() {
      return node;
    },
    get peer() {
      return peer;
    },
    get stranger() {
      return stranger;
    },
    lengthOf: async (stream) => {
      const request = readRequest((options) => options.setCount('1000'), stream);
      const { messages } = await peer.call({ path: READ, chunks: sent(request) });
      const first = messages[0] === undefined ? undefined : streams.ReadResp.deserializeBinary(messages[0]);
      return first?.hasStreamNotFound() === true ? -1 : messages.length;
    },
  };
};
