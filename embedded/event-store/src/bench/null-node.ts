import { privateIdentity, type RunningNode } from '@shomei/embedded-kit';
import type { EventLog } from '../log/event-log.js';
import { connectionStringOf, tlsOf, USER, type EventStoreReady, type NodeOptions } from '../node.js';
import { holdersOf, openToAll } from '../server/access.js';
import { startServer } from '../server/server.js';
import { Streak } from '../streak.js';

/** The same gRPC server in front of nothing: it answers each append at the end of the turn and keeps none. */
export const startNullNode = async ({
  dataDir,
  insecure,
  streak,
}: NodeOptions): Promise<RunningNode<EventStoreReady>> => {
  let position = 0;
  const log: Pick<EventLog, 'append'> = {
    append: () =>
      new Promise((resolve) => {
        position += 1;
        const answer = { kind: 'appended', lastRevision: position, position } as const;
        setImmediate(() => resolve(answer));
      }),
  };
  const identity = insecure === true ? undefined : privateIdentity(dataDir, 'a node that stores nothing');
  const server = await startServer({
    log: log as EventLog,
    port: 0,
    access: identity === undefined ? openToAll : holdersOf(USER, identity.secret),
    tls: tlsOf(identity),
    streak: new Streak(streak),
  });
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  return {
    ready: { port: server.port, connectionString: connectionStringOf(server.port, identity) },
    ended,
    stop: async () => {
      await server.stop();
      resolve();
    },
  };
};
