import { fork, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Connection } from '@temporalio/client';

export const QUEUE = 'bench';

export interface Connect {
  readonly address: string;
  readonly authorityFile?: string;
  readonly secretFile?: string;
}

/** A server under load, with what is needed to kill it and start it again on the same data. */
export interface Server {
  readonly name: 'embedded' | 'real';
  readonly connect: Connect;
  readonly child: ChildProcess;
  readonly startedInMs: number;
}

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

export const newFolder = (): { path: string; remove(): void } => {
  const path = mkdtempSync(join(tmpdir(), 'temporal-bench-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};

export const hasRealServer = (): boolean => spawnSync('temporal', ['--version'], { stdio: 'ignore' }).status === 0;

export async function startEmbedded(folder: string, args: readonly string[] = ['--insecure']): Promise<Server> {
  const sinceMs = performance.now();
  const child = spawn(process.execPath, [here('../cli.js'), '--data', folder, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const ready = JSON.parse(line) as { address: string; tls?: { authorityFile: string; secretFile: string } };
  const connect = { address: ready.address, ...(args.includes('--insecure') ? {} : ready.tls) };
  return { name: 'embedded', connect, child, startedInMs: performance.now() - sinceMs };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export async function startReal(folder: string): Promise<Server> {
  const sinceMs = performance.now();
  const port = await freePort();
  const args = ['server', 'start-dev', '--headless', '--port', String(port), '--log-level', 'error'];
  const child = spawn('temporal', [...args, '--db-filename', join(folder, 'temporal.db')], { stdio: 'ignore' });
  const address = `127.0.0.1:${port}`;
  for (;;) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: 500 });
      await connection.workflowService.describeNamespace({ namespace: 'default' });
      await connection.close();
      break;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return { name: 'real', connect: { address }, child, startedInMs: performance.now() - sinceMs };
}

export async function startWorker(connect: Connect, bundle: string): Promise<ChildProcess> {
  const child = fork(here('./worker-process.js'), {
    env: { ...process.env, BENCH_WORKER: JSON.stringify({ ...connect, bundle }) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  return child;
}

export async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}
