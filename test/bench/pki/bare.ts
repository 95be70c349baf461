import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpuMsOf } from './program.js';

/** The same bytes without a service, from a process of its own, to hold the service's rate against. */
export const startBare = async (body: Buffer): Promise<{ port: number; cpuMs(): number | undefined; stop(): void }> => {
  const script = new URL('./bare-answers.mjs', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, body.toString('base64')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return { port: Number(port), cpuMs: () => cpuMsOf(child.pid!), stop: () => void child.kill('SIGTERM') };
};
