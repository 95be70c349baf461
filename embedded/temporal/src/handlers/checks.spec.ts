import type { Connection } from '@temporalio/client';
import { useRawNodes } from '../../../../test/kit/temporal/raw-node.js';
import { startTimer } from '../../../../test/kit/temporal/raw-worker.js';

const run = useRawNodes();

describe('limits of what is said beside the work', () => {
  const long = 'x'.repeat(1001);
  const bytes = (length: number) => ({ data: new Uint8Array(length) });
  const execution = { namespace: 'default', workflowExecution: { workflowId: 'w' } };
  const poll = { namespace: 'default', taskQueue: { name: 'q' } };
  const start = {
    namespace: 'default',
    workflowId: 'w',
    workflowType: { name: 'w' },
    taskQueue: { name: 'q' },
    requestId: 'r',
  };
  type Service = Connection['workflowService'];

  test.each<[string, (service: Service, taskToken: Uint8Array) => Promise<unknown>]>([
    ['identity of a start', (service) => service.startWorkflowExecution({ ...start, identity: long })],
    ['summary', (service) => service.startWorkflowExecution({ ...start, userMetadata: { summary: bytes(500) } })],
    ['details', (service) => service.startWorkflowExecution({ ...start, userMetadata: { details: bytes(20_001) } })],
    [
      'retry policy',
      (service) =>
        service.startWorkflowExecution({
          ...start,
          retryPolicy: { nonRetryableErrorTypes: Array.from({ length: 20 }, () => long) },
        }),
    ],
    [
      'identity of a signal',
      (service) => service.signalWorkflowExecution({ ...execution, signalName: 's', identity: long }),
    ],
    [
      'identity of a cancellation',
      (service) => service.requestCancelWorkflowExecution({ ...execution, identity: long }),
    ],
    ['identity of a termination', (service) => service.terminateWorkflowExecution({ ...execution, identity: long })],
    ['identity of a poll', (service) => service.pollWorkflowTaskQueue({ ...poll, identity: long })],
    ['identity of a poll for activities', (service) => service.pollActivityTaskQueue({ ...poll, identity: long })],
    ['instance of a poll', (service) => service.pollActivityTaskQueue({ ...poll, workerInstanceKey: long })],
    [
      'identity of a completion',
      (service, taskToken) => service.respondWorkflowTaskCompleted({ taskToken, identity: long }),
    ],
    ['identity of a failure', (service, taskToken) => service.respondWorkflowTaskFailed({ taskToken, identity: long })],
    [
      'sticky queue',
      (service, taskToken) =>
        service.respondWorkflowTaskCompleted({ taskToken, stickyAttributes: { workerTaskQueue: { name: long } } }),
    ],
    [
      'metadata of the SDK',
      (service, taskToken) =>
        service.respondWorkflowTaskCompleted({ taskToken, sdkMetadata: { sdkName: 'x'.repeat(20_000) } }),
    ],
    [
      'summary of a command',
      (service, taskToken) => {
        const command = { ...startTimer('a', 1), userMetadata: { summary: bytes(500) } };
        return service.respondWorkflowTaskCompleted({ taskToken, commands: [command] });
      },
    ],
    [
      'identity of a result',
      (service, taskToken) => service.respondActivityTaskCompleted({ taskToken, identity: long }),
    ],
    [
      'identity of an activity that failed',
      (service, taskToken) => service.respondActivityTaskFailed({ taskToken, identity: long }),
    ],
    [
      'identity of a cancelled one',
      (service, taskToken) => service.respondActivityTaskCanceled({ taskToken, identity: long }),
    ],
  ])('%s', async (_, call) => {
    const { connection, worker } = await run();
    await worker.start({ workflowId: 'w', userMetadata: { summary: bytes(390), details: bytes(19_990) } });
    const { taskToken } = await worker.poll();
    await expect(call(connection.workflowService, taskToken ?? Buffer.of())).rejects.toMatchObject({ code: 3 });
  });
});
