import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEventStore, type EventStoreNode, type EventStoreOptions } from '@shomei/embedded-event-store';

export interface TestNode extends EventStoreNode {
  readonly dataDir: string;
}

export interface TestNodes {
  /** A new folder, swept away when the file's tests are over. */
  folder(): string;
  /** A node on a folder of its own, unless one is given; stopped when the file's tests are over. */
  start(options?: Partial<EventStoreOptions>): Promise<TestNode>;
}

/** Folders that end with the spec file that asked for them. */
export const temporaryFolders = (): (() => string) => {
  const folders: string[] = [];
  afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));
  return () => {
    const folder = mkdtempSync(join(tmpdir(), 'shomei-test-'));
    folders.push(folder);
    return folder;
  };
};

/** To be called once in a `describe`: gives nodes and cleans up after them. */
export const eventStoreNodes = (): TestNodes => {
  const folder = temporaryFolders();
  const running = new Set<EventStoreNode>();
  afterAll(async () => {
    await Promise.all([...running].map((node) => node.stop()));
  });
  return {
    folder,
    start: async (options = {}) => {
      const dataDir = options.dataDir ?? join(folder(), 'data');
      const node = await startEventStore({ ...options, dataDir });
      running.add(node);
      return {
        ...node,
        dataDir,
        stop: () => {
          running.delete(node);
          return node.stop();
        },
      };
    },
  };
};
