import { randomUUID } from 'node:crypto';

/** The server line whose protocol this node speaks. From 25 on clients would expect another one. */
const SPEAKS_LIKE = '24.10.0';
const LEADER = 8;
const TICKS_PER_MS = 10_000;

/** What a client asks before its first call: which methods there are. */
export const supportedMethods = (): object => {
  const of = (serviceName: string, methods: Record<string, string[]>) =>
    Object.entries(methods).map(([methodName, features]) => ({ methodName, serviceName, features }));
  return {
    eventStoreServerVersion: SPEAKS_LIKE,
    // Names are lower-cased, as the real server sends them.
    methods: [
      ...of('event_store.client.streams.streams', {
        append: [],
        batchappend: ['deadline_duration'],
        read: ['position', 'events'],
      }),
      ...of('event_store.client.server_features.serverfeatures', { getsupportedmethods: [] }),
      ...of('event_store.client.gossip.gossip', { read: [] }),
    ],
  };
};

/** A cluster of one that leads itself, for clients that discover their node. */
export const clusterOfOne = (address: string): ((port: number) => object) => {
  const instanceId = { string: randomUUID() };
  return (port) => ({
    members: [
      {
        instanceId,
        timeStamp: Date.now() * TICKS_PER_MS,
        state: LEADER,
        isAlive: true,
        httpEndPoint: { address, port },
      },
    ],
  });
};
