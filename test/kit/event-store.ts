import { startEventStore } from '@shomei/embedded-event-store';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A node of its own for each suite, or the one that EVENTSTORE_URL names. */
export const eventStoreForTests = async (): Promise<{ connectionString: string; stop: () => Promise<void> }> => {
  const real = process.env['EVENTSTORE_URL'];
  if (real) return { connectionString: real, stop: () => Promise.resolve() };
  const dataDir = await mkdtemp(join(tmpdir(), 'event-store-'));
  const node = await startEventStore({ dataDir, insecure: true });
  return {
    connectionString: node.connectionString,
    stop: async () => {
      await node.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};
