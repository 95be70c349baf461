import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MIB = 1024 * 1024;
const COMMAND = fileURLToPath(new URL('../../embedded/event-store/dist/cli.js', import.meta.url));

/**
 * Makes a Node program end with the test that started it, however that ends: Jest kills a worker that does not leave by
 * itself, and who is killed can tell nobody. The program's input must be a pipe that the test holds.
 */
export const UNDER_TEST = new URL('under-test.mjs', import.meta.url).href;

export interface Memory {
  /** Objects and buffers that are still in use: measured behind a garbage collection, so that load does not matter. */
  readonly heldMiB: number;
  /** What the system gives to the process, memory outside of JavaScript's reach included. */
  readonly residentMiB: number;
}

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
  memory(): Promise<Memory>;
}

export interface CommandResult {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a command that ended had to say. */
export class CommandEnded extends Error {
  override readonly name = 'CommandEnded';
  readonly exitCode: number | null;

  constructor({ exitCode, stderr }: CommandResult) {
    super(stderr);
    this.exitCode = exitCode;
  }
}

/** A program that has been started, and what it has said so far. */
export class Program {
  readonly child: ChildProcess;
  readonly ended: Promise<CommandResult>;
  exitCode: number | null | undefined;
  stdout = '';
  stderr = '';

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.ended = once(child, 'close').then(([exitCode]) => {
      this.exitCode = exitCode as number | null;
      return { exitCode: this.exitCode, stdout: this.stdout, stderr: this.stderr };
    });
  }

  /** What the node says when it is ready; rejects when it ends instead. */
  async ready(): Promise<{ port: number; connectionString: string }> {
    const firstLine = once(createInterface(this.child.stdout as NodeJS.ReadableStream), 'line');
    const first = await Promise.race([firstLine.then(([line]) => line as string), this.ended]);
    if (typeof first !== 'string') throw new CommandEnded(first);
    return JSON.parse(first) as { port: number; connectionString: string };
  }
}

const startCommand = (args: readonly string[]): Program =>
  new Program(
    spawn(process.execPath, ['--expose-gc', '--import', UNDER_TEST, COMMAND, ...args], {
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
    }),
  );

/** Runs a command that ends by itself. */
export const runCommand = (...args: string[]): Promise<CommandResult> => startCommand(args).ended;

/** Starts the node as its users do: by its command line, in a process of its own. Resolves when it is ready. */
export const startNodeProcess = async (...args: string[]): Promise<NodeProcess> => {
  const program = startCommand(args);
  const { child } = program;
  const { port, connectionString } = await program.ready();
  return {
    pid: child.pid as number,
    port,
    connectionString,
    get exitCode() {
      return program.exitCode;
    },
    get stderr() {
      return program.stderr;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await program.ended;
    },
    stop: async () => {
      child.kill('SIGTERM');
      return (await program.ended).exitCode;
    },
    memory: async () => {
      child.send('memory');
      const answer = await Promise.race([once(child, 'message'), program.ended]);
      if (!Array.isArray(answer)) throw new CommandEnded(answer);
      const [{ held, resident }] = answer as [{ held: number; resident: number }];
      return { heldMiB: held / MIB, residentMiB: resident / MIB };
    },
  };
};
