import { useRawNodes } from '../../../test/kit/temporal/raw-node.js';

const run = useRawNodes();

test('a commit that fails ends the node, and nobody is told what is not on disk', async () => {
  const { node, worker } = await run();
  await worker.start();
  const ended = node.ended.then(
    () => 'stopped',
    (error: Error) => error.message,
  );
  node.engine.store.database.exec('PRAGMA query_only = ON');
  const answer = worker.start({ workflowId: 'never' }).then(
    () => 'started',
    () => 'not told',
  );
  expect(await answer).toBe('not told');
  expect(await ended).toMatch(/readonly/);
});
