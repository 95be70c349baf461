import { readdirSync, readlinkSync } from 'node:fs';
import { startNode } from '../node.js';
import { Store } from './store.js';
import { useRawNodes } from '../../../../test/kit/temporal/raw-node.js';
import { completeWorkflow } from '../../../../test/kit/temporal/raw-worker.js';
import { temporaryFolder } from '../../../../test/kit/temporal/target.js';

const run = useRawNodes();

test('closed runs go after their retention, open ones never', async () => {
  const { node, worker } = await run({ retentionMs: 3_600_000 });
  const closed = await worker.start();
  await worker.complete(await worker.poll(), [completeWorkflow]);
  const stays = await worker.start();
  const { store } = node.engine;
  const closedMs = Number((await worker.describe(closed)).workflowExecutionInfo?.closeTime?.seconds) * 1000;
  expect(store.removeClosedBefore(closedMs, 100)).toBe(0);
  expect(store.removeClosedBefore(closedMs + 1001, 100)).toBe(1);
  await expect(worker.describe(closed)).rejects.toMatchObject({ code: 5 });
  expect((await worker.describe(stays)).workflowExecutionInfo?.status).toBe(1);
  expect(store.prepare('SELECT count(DISTINCT run) AS n FROM events').get()?.['n']).toBe(1);
});

describe('when removing fails', () => {
  const original = Object.getOwnPropertyDescriptor(Store.prototype, 'removeClosedBefore') ?? {};
  const mend = () => Object.defineProperty(Store.prototype, 'removeClosedBefore', original);
  afterEach(() => void mend());
  const failAfter = (sweeps: number) => {
    const removeClosedBefore = (_: number, most: number): number => {
      if (sweeps-- > 0) return most;
      throw new Error('disk gone');
    };
    Object.defineProperty(Store.prototype, 'removeClosedBefore', { value: removeClosedBefore, configurable: true });
  };
  const openFiles = (folder: string) =>
    readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
      } catch {
        return false;
      }
    });

  test('later, the node ends', async () => {
    failAfter(1);
    const { node } = await run();
    await expect(node.ended).rejects.toThrow('disk gone');
  });

  test('at start, the start fails and leaves nothing open', async () => {
    failAfter(0);
    const folder = temporaryFolder();
    const options = { dataDir: folder.path, insecure: true };
    await expect(startNode(options)).rejects.toThrow('disk gone');
    expect(openFiles(folder.path)).toEqual([]);
    mend();
    await (await startNode(options)).stop();
    folder.remove();
  });
});
