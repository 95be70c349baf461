import { useRawNodes } from '../../../../test/kit/temporal/raw-node.js';
import type { RawWorker } from '../../../../test/kit/temporal/raw-worker.js';
import { pause } from '../../../../test/kit/temporal/target.js';

const run = useRawNodes();

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

test('readers that wait for something new are limited, those that find it are not', async () => {
  const { worker, connection } = await run({ limits: { waitingReaders: 1 } });
  const workflowId = await worker.start();
  const read = (waitNewEvent: boolean, nextPageToken: Uint8Array = new Uint8Array()) =>
    connection.workflowService.getWorkflowExecutionHistory({
      namespace: 'default',
      execution: { workflowId },
      waitNewEvent,
      nextPageToken,
    });
  const { nextPageToken } = await read(true);
  const waiting = read(true, nextPageToken);
  await pause(200);
  await expect(read(true, nextPageToken)).rejects.toMatchObject({ code: 8 });
  expect((await read(false)).history?.events?.length).toBeGreaterThan(0);
  await worker.signal(workflowId);
  expect((await waiting).history?.events).toHaveLength(1);
  // The place is free again.
  expect((await read(true, nextPageToken)).history?.events).toHaveLength(1);
});

describe('a history read backwards', () => {
  test('starts with the newest event and leaves none out when bytes bound its pages', async () => {
    const { worker } = await run({ limits: { pageBytes: PAGE_BYTES } });
    const id = await worker.start();
    for (const size of [600, 600, 990, 10, 10]) await worker.signal(id, 'x'.repeat(size));
    const pages = await backwards(worker, id);
    expect(pages.length).toBeGreaterThan(2);
    expect(pages.flat()).toEqual([7, 6, 5, 4, 3, 2, 1]);
  });

  test('has no more events on a page than asked for', async () => {
    const raw = await run();
    const id = await raw.worker.start();
    for (let index = 0; index < 3; index++) await raw.worker.signal(id);
    expect(await backwards(raw.worker, id, 2)).toEqual([[5, 4], [3, 2], [1]]);
    expect(await backwards(raw.worker, id, 5)).toEqual([[5, 4, 3, 2, 1]]);
  });
});
