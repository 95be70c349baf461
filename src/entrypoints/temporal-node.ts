import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startTemporal } from '@shomei/embedded-temporal';
import { type Clock, systemClock } from '../kernel/clock.js';
import type { Config, TemporalConfig } from '../platform/config/config.js';
import type { TemporalTarget } from '../platform/temporal/connection.js';
import type { MovableNodeClock } from '../platform/time/moving-time.js';

export type TemporalNode = Readonly<{
  target: TemporalTarget;
  embedded: boolean;
  /** The time that processes live in; an embedded node whose clock was ever moved is ahead of the machine. */
  clock: Clock;
  /** Only where it was asked for. */
  movable: MovableNodeClock | null;
  /** Rejects when an embedded node died by itself. */
  ended: Promise<void>;
  stop: () => Promise<void>;
}>;

/** The Temporal server that the configuration names, or a node of our own in the data folder. */
export const temporalOf = async (config: Config): Promise<TemporalNode> =>
  config.temporal.address === null ? embedded(config) : named(config.temporal, config.temporal.address);

const embedded = async ({ dataDir, temporal, demoClock }: Config): Promise<TemporalNode> => {
  const { namespace, taskQueue } = temporal;
  const node = await startTemporal({
    dataDir: join(dataDir, 'temporal'),
    clock: demoClock ? 'movable' : 'real',
    namespaces: [namespace],
  });
  const { authorityFile, secretFile } = node.ready.tls!;
  const tls = { serverRootCACertificate: await readFile(authorityFile), serverNameOverride: 'localhost' };
  const apiKey = (await readFile(secretFile, 'utf8')).trim();
  return {
    target: { address: node.address, namespace, taskQueue, tls, apiKey },
    embedded: true,
    clock: { now: () => new Date(node.nowMs()) },
    movable: node.clock ?? null,
    ended: node.ended,
    stop: () => node.stop(),
  };
};

const named = async (config: TemporalConfig, address: string): Promise<TemporalNode> => {
  const { namespace, taskQueue, apiKey } = config;
  return {
    target: { address, namespace, taskQueue, apiKey, tls: await tlsOf(config.tls) },
    embedded: false,
    clock: systemClock,
    movable: null,
    ended: new Promise<void>(() => undefined),
    stop: () => Promise.resolve(),
  };
};

const tlsOf = async (tls: TemporalConfig['tls']): Promise<TemporalTarget['tls']> => {
  if (tls === null) return false;
  const { caFile, serverName, client } = tls;
  return {
    ...(caFile === null ? {} : { serverRootCACertificate: await readFile(caFile) }),
    ...(serverName === null ? {} : { serverNameOverride: serverName }),
    ...(client === null
      ? {}
      : { clientCertPair: { crt: await readFile(client.certFile), key: await readFile(client.keyFile) } }),
  };
};
