import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startTemporal } from '@shomei/embedded-temporal';
import { type Clock, systemClock } from '../kernel/clock.js';
import { type Config, ConfigurationFaults, type TemporalConfig } from '../platform/config/config.js';
import type { TemporalTarget } from '../platform/temporal/connection.js';
import type { MovableNodeClock } from '../platform/time/moving-time.js';

const MOVED_MS = 1_000;

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
  // Each reads the machine's clock once, so a moment may pass between them.
  if (!demoClock && node.nowMs() - Date.now() > MOVED_MS) {
    await node.stop();
    throw new ConfigurationFaults([
      'DEMO_CLOCK was used with this DATA_DIR: its time is ahead of the machine and would date records and certificates ' +
        'wrongly. Go on with DEMO_CLOCK=true, or start with another DATA_DIR.',
    ]);
  }
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
