// A worker in a process of its own, so that a test can kill or freeze it.
import { setTimeout } from 'node:timers/promises';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import * as activities from './activities.ts';

const { ADDRESS, TASK_QUEUE, BUNDLE, CACHED = '500' } = process.env;
Runtime.install({
  logger: new DefaultLogger('ERROR', () => undefined),
  telemetryOptions: { logging: { filter: 'OFF' } },
});

const connect = async () => {
  for (;;) {
    try {
      return await NativeConnection.connect({ address: ADDRESS });
    } catch {
      await setTimeout(100);
    }
  }
};

const connection = await connect();
const worker = await Worker.create({
  connection,
  taskQueue: TASK_QUEUE,
  workflowBundle: { codePath: BUNDLE },
  activities,
  maxCachedWorkflows: Number(CACHED),
});
process.on('SIGTERM', () => worker.shutdown());
process.send?.('ready');
await worker.run();
await connection.close();
process.exit(0);
