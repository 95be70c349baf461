import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { workflowBundle } from './target.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const node = join(root, 'node_modules/.bin/node');

export interface ReadyLine {
  readonly ready: true;
  readonly address: string;
  readonly port: number;
  readonly recoveredRuns: number;
  readonly tls?: { readonly authorityFile: string; readonly secretFile: string };
}

export interface NodeProcess {
  readonly child: ChildProcess;
  readonly ready: ReadyLine;
}

/** The node by its command line, as a user starts it. */
export async function startNodeProcess(
  dataDir: string,
  port: number,
  args: readonly string[] = [],
): Promise<NodeProcess> {
  const cli = join(root, 'embedded/temporal/dist/cli.js');
  const child = spawn(node, [cli, '--data', dataDir, '--port', String(port), '--insecure', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const line = await Promise.race([
    once(lines, 'line').then(([text]) => String(text)),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`the node ended with code ${code}`))),
  ]);
  return { child, ready: JSON.parse(line) as ReadyLine };
}

export async function writeBundle(folder: string, workflows = 'workflows.ts'): Promise<string> {
  const { code } = await workflowBundle(workflows);
  const file = join(folder, 'workflows.bundle.js');
  writeFileSync(file, code);
  return file;
}

/** A worker whose server goes away while it starts gives up; then another one is started. */
export async function startWorkerProcess(address: string, taskQueue: string, bundle: string): Promise<ChildProcess> {
  for (;;) {
    const child = forkWorker(address, taskQueue, bundle);
    const isReady = await Promise.race([
      once(child, 'message').then(() => true),
      once(child, 'exit').then(() => false),
    ]);
    if (isReady) return child;
  }
}

function forkWorker(address: string, taskQueue: string, bundle: string): ChildProcess {
  return fork(fileURLToPath(new URL('./worker-process.mjs', import.meta.url)), {
    execPath: node,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: { ...process.env, ADDRESS: address, TASK_QUEUE: taskQueue, BUNDLE: bundle },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}

export async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}
