import { execFile, execFileSync } from 'node:child_process';

/** What a program that is not ours says about what we made: everything it prints, and whether it was content. */
export interface Verdict {
  readonly ok: boolean;
  readonly output: string;
}

const TIMEOUT_MS = 20_000;

export const runTool = (command: string, args: readonly string[], input?: string | Buffer): Promise<Verdict> =>
  new Promise((resolve) => {
    const child = execFile(
      command,
      args,
      { timeout: TIMEOUT_MS, env: { ...process.env, LC_ALL: 'C.UTF-8' }, maxBuffer: 64 << 20 },
      (error, stdout, stderr) => resolve({ ok: error === null, output: stdout + stderr }),
    );
    child.stdin?.on('error', () => undefined); // A tool that does not read its input may close it early.
    child.stdin?.end(input);
  });

export const hasTool = (command: string, ...args: readonly string[]): boolean => {
  try {
    execFileSync(command, args, { stdio: 'ignore', timeout: TIMEOUT_MS });
    return true;
  } catch (error) {
    // It ran and complained about the arguments: it is there.
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
};
