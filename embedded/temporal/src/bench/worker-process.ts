// The worker of the benchmark, in a process of its own so that its cost is counted apart.
import { readFileSync } from 'node:fs';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import * as activities from './activities.js';
import { QUEUE, type Connect } from './servers.js';

const { address, bundle, authorityFile, secretFile } = JSON.parse(process.env['BENCH_WORKER'] ?? '{}') as Connect & {
  bundle: string;
};
Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined) });
const connection = await NativeConnection.connect({
  address,
  ...(authorityFile && secretFile
    ? {
        tls: { serverRootCACertificate: readFileSync(authorityFile), serverNameOverride: 'localhost' },
        apiKey: readFileSync(secretFile, 'utf8').trim(),
      }
    : {}),
});
const worker = await Worker.create({
  connection,
  taskQueue: QUEUE,
  workflowBundle: { codePath: bundle },
  activities,
  maxCachedWorkflows: 2000,
  maxConcurrentWorkflowTaskExecutions: 40,
  maxConcurrentActivityTaskExecutions: 100,
});
process.on('SIGTERM', () => worker.shutdown());
process.send?.('ready');
await worker.run();
await connection.close();
process.exit(0);
