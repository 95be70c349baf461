import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../embedded/event-store/dist/cli.js', import.meta.url));

export interface NodeProcess {
  readonly pid: number;
  readonly port: number;
  readonly connectionString: string;
  /** Undefined while it runs. */
  readonly exitCode: number | null | undefined;
  readonly stderr: string;
  /** As a power cut would, as far as a process can tell. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** Memory of the process that is really in use. */
  residentMiB(): number;
}

/** What a command that ended had to say. */
export class CommandEnded extends Error {
  override readonly name = 'CommandEnded';
  readonly exitCode: number | null;

  constructor(exitCode: number | null, stderr: string) {
    super(stderr);
    this.exitCode = exitCode;
  }
}

const running = new Set<ChildProcess>();
// Jest ends its workers without asking; no node may outlive the tests that started it.
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Starts the node as its users do: by its command line, in a process of its own. Resolves when it is ready. */
export const startNodeProcess = async (...args: string[]): Promise<NodeProcess> => {
  const child = spawn(process.execPath, [COMMAND, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let stderr = '';
  let exitCode: number | null | undefined;
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(([code]) => {
    running.delete(child);
    exitCode = code as number | null;
    return exitCode;
  });
  const firstLine = once(createInterface(child.stdout), 'line').then(([line]) => line as string);
  const line = await Promise.race([firstLine, ended]);
  if (typeof line !== 'string') throw new CommandEnded(line, stderr);
  const { port, connectionString } = JSON.parse(line) as { port: number; connectionString: string };
  const pid = child.pid as number;
  return {
    pid,
    port,
    connectionString,
    get exitCode() {
      return exitCode;
    },
    get stderr() {
      return stderr;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
    residentMiB: () => {
      const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      return Number(kib) / 1024;
    },
  };
};
