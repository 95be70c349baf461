import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';

/** A Temporal server, whichever it is: the embedded node, a cluster of one's own, a hosted one. */
export type TemporalTarget = Readonly<{
  address: string;
  namespace: string;
  taskQueue: string;
  tls: NonNullable<ConnectionOptions['tls']>;
  apiKey: string | null;
}>;

const CONNECT_TIMEOUT_MS = 10_000;
const PING_TIMEOUT_MS = 1_000;

export type TemporalConnection = Readonly<{
  client: Client;
  taskQueue: string;
  ping: () => Promise<void>;
  close: () => Promise<void>;
}>;

const optionsOf = ({ address, tls, apiKey }: TemporalTarget) => ({
  address,
  tls,
  ...(apiKey === null ? {} : { apiKey }),
});

export const connectTemporal = async (target: TemporalTarget): Promise<TemporalConnection> => {
  const connection = await Connection.connect({ ...optionsOf(target), connectTimeout: CONNECT_TIMEOUT_MS });
  const ping = () =>
    connection.withDeadline(Date.now() + PING_TIMEOUT_MS, async () => {
      await connection.workflowService.getSystemInfo({});
    });
  const client = new Client({ connection, namespace: target.namespace });
  return { client, taskQueue: target.taskQueue, ping, close: () => connection.close() };
};

/** The worker speaks through its own library. */
export const connectWorker = (target: TemporalTarget): Promise<NativeConnection> =>
  NativeConnection.connect(optionsOf(target));
