import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';

export interface Program {
  readonly port: number;
  /** The issuing authority's certificate and its root's: a question that every service can answer. */
  readonly certificate: Buffer;
  readonly issuer: Buffer;
  /** Processor time spent so far by all of its threads; nothing where the machine does not tell. */
  cpuMs(): number | undefined;
  stop(): Promise<void>;
}

/** Linux counts in hundredths of a second, whatever the kernel's own tick. */
const TICK_MS = 10;
export const cpuMsOf = (pid: number): number | undefined => {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return undefined;
  // Behind the name, which may hold spaces: user and system time are the 12th and 13th field.
  const fields = readFileSync(path, 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
};

const ENTRY = 'dist/src/entrypoints/all-in-one.js';

/** The program that people start, in a process of its own, with a data folder that was empty before. */
export const startProgram = async (folder: string): Promise<Program> => {
  if (!existsSync(ENTRY)) throw new Error('build first: npm run build');
  const env = {
    ...process.env,
    OCSP_SIGNATURES_PER_MINUTE: '10000000',
    DATA_DIR: join(folder, 'data'),
    PORT: '0',
    LOG_LEVEL: 'silent',
  };
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ENTRY], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let said = '';
  const base = await new Promise<string>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const [, address] = /API\s+(http:\S+)\/api\/v1/.exec(said) ?? [];
      if (address !== undefined) resolve(address);
    });
    child.once('exit', () => reject(new Error(`the service did not start: ${said}`)));
  });
  const fetched = async (id: string): Promise<Buffer> => {
    const answer = await fetch(`${base}/pki/certificates/${id}.cer`);
    return new X509Certificate(Buffer.from(await answer.arrayBuffer())).raw;
  };
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
  };
  const [certificate, issuer] = [await fetched('signing'), await fetched('signing-root')];
  const cpuMs = (): number | undefined => cpuMsOf(child.pid!);
  return { port: Number(new URL(base).port), certificate, issuer, cpuMs, stop };
};
