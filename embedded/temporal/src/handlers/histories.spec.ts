import { openRawNode, type RawNode } from '../../../../test/kit/temporal/raw-node.js';
import type { RawWorker } from '../../../../test/kit/temporal/raw-worker.js';

let raw: RawNode;
afterEach(() => raw.close());

const PAGE_BYTES = 1000;

async function backwards(worker: RawWorker, workflowId: string, maximumPageSize = 0): Promise<number[][]> {
  const pages: number[][] = [];
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await worker.connection.workflowService.getWorkflowExecutionHistoryReverse({
      namespace: 'default',
      execution: { workflowId },
      maximumPageSize,
      ...(nextPageToken ? { nextPageToken } : {}),
    });
    pages.push((page.history?.events ?? []).map(({ eventId }) => Number(eventId)));
    nextPageToken = page.nextPageToken?.length ? page.nextPageToken : undefined;
  } while (nextPageToken);
  return pages;
}

describe('a history read backwards', () => {
  test('starts with the newest event and leaves none out when bytes bound its pages', async () => {
    raw = await openRawNode({ limits: { pageBytes: PAGE_BYTES } });
    const { worker } = raw;
    const id = await worker.start();
    for (const size of [600, 600, 990, 10, 10]) await worker.signal(id, 'x'.repeat(size));
    const pages = await backwards(worker, id);
    expect(pages.length).toBeGreaterThan(2);
    expect(pages.flat()).toEqual([7, 6, 5, 4, 3, 2, 1]);
  });

  test('has no more events on a page than asked for', async () => {
    raw = await openRawNode();
    const id = await raw.worker.start();
    for (let index = 0; index < 3; index++) await raw.worker.signal(id);
    expect(await backwards(raw.worker, id, 2)).toEqual([[5, 4], [3, 2], [1]]);
    expect(await backwards(raw.worker, id, 5)).toEqual([[5, 4, 3, 2, 1]]);
  });
});

test.each(['getWorkflowExecutionHistory', 'getWorkflowExecutionHistoryReverse'] as const)(
  '%s refuses a negative page size',
  async (method) => {
    raw = await openRawNode();
    const execution = { workflowId: await raw.worker.start() };
    const page = raw.connection.workflowService[method]({ namespace: 'default', execution, maximumPageSize: -1 });
    await expect(page).rejects.toMatchObject({ code: 3 });
  },
);
