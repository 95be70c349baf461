import { QueryNotRegisteredError, WorkflowNotFoundError } from '@temporalio/client';
import { newId, targets } from '../../kit/temporal/target.js';
import { WorkerInUse } from '../../kit/temporal/use-server.js';

describe.each(targets)('%s', (server) => {
  const suite = new WorkerInUse(server, 'signal');
  const { options, workflow } = suite;

  describe('signals', () => {
    test('reach a waiting workflow', async () => {
      const handle = await workflow().start('waiter', options());
      await handle.signal('go', 'now');
      expect(await handle.result()).toBe('signal:now');
    });

    test('keep their order', async () => {
      const words = Array.from({ length: 30 }, (_, i) => `${i}`);
      const handle = await workflow().start('collector', options([words.length]));
      for (const word of words) await handle.signal('go', word);
      expect(await handle.result()).toEqual(words);
    });

    test('none is lost when many come at once', async () => {
      const words = Array.from({ length: 100 }, (_, i) => `${i}`);
      const handle = await workflow().start('collector', options([words.length]));
      await Promise.all(words.map((word) => handle.signal('go', word)));
      expect(((await handle.result()) as string[]).toSorted()).toEqual(words.toSorted());
    });

    test('a repeated request counts once', async () => {
      const handle = await workflow().start('collector', options([2]));
      const request = {
        namespace: 'default',
        workflowExecution: { workflowId: handle.workflowId },
        signalName: 'go',
        requestId: newId('request'),
        input: { payloads: [{ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"once"') }] },
      };
      await suite.target.connection.workflowService.signalWorkflowExecution(request);
      await suite.target.connection.workflowService.signalWorkflowExecution(request);
      await handle.signal('go', 'twice');
      expect(await handle.result()).toEqual(['once', 'twice']);
    });

    test('signalWithStart starts, and signals what runs', async () => {
      const both = { ...options([2]), signal: 'go', signalArgs: ['first'] };
      const handle = await workflow().signalWithStart('collector', both);
      const again = await workflow().signalWithStart('collector', { ...both, signalArgs: ['second'] });
      expect(again.signaledRunId).toBe(handle.signaledRunId);
      expect(await handle.result()).toEqual(['first', 'second']);
    });

    test('a closed workflow takes none', async () => {
      const handle = await workflow().start('noop', options());
      await handle.result();
      await expect(handle.signal('go', 'late')).rejects.toThrow(WorkflowNotFoundError);
    });
  });

  describe('queries', () => {
    test('see what the workflow has seen', async () => {
      const handle = await workflow().start('collector', options([3]));
      await handle.signal('go', 'a');
      await handle.signal('go', 'b');
      expect(await handle.query('state')).toEqual({ seen: ['a', 'b'] });
      await handle.terminate();
    });

    test('leave no trace in the history', async () => {
      const handle = await workflow().start('collector', options([3]));
      await handle.query('state');
      const before = (await handle.describe()).historyLength;
      for (let i = 0; i < 5; i++) await handle.query('state');
      expect((await handle.describe()).historyLength).toBe(before);
      await handle.terminate();
    });

    test('are answered for a closed workflow', async () => {
      const handle = await workflow().start('collector', options([1]));
      await handle.signal('go', 'last');
      await handle.result();
      expect(await handle.query('state')).toEqual({ seen: ['last'] });
    });

    test('a missing handler is named', async () => {
      const handle = await workflow().start('waiter', options());
      await expect(handle.query('nothing-of-the-kind')).rejects.toThrow(QueryNotRegisteredError);
      await handle.terminate();
    });

    test('are rejected for a closed workflow when the client wants that', async () => {
      const handle = await workflow().start('noop', options());
      await handle.result();
      const call = suite.target.connection.workflowService.queryWorkflow({
        namespace: 'default',
        execution: { workflowId: handle.workflowId },
        query: { queryType: 'state' },
        queryRejectCondition: 2,
      });
      expect((await call).queryRejected?.status).toBe(2);
    });

    test('many at once are all answered', async () => {
      const handle = await workflow().start('collector', options([3]));
      const answers = await Promise.all(Array.from({ length: 40 }, () => handle.query('state')));
      expect(answers).toHaveLength(40);
      await handle.terminate();
    });
  });
});
