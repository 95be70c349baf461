import { once } from 'node:events';
import { SHARE_ENV, Worker } from 'node:worker_threads';

/**
 * Sets a variable that native libraries of this process see. Jest gives suites a copy of the environment;
 * a thread that shares the real one can still change it.
 */
export const setRealEnvironment = async (name: string, value: string): Promise<void> => {
  const code = `process.env[${JSON.stringify(name)}] = ${JSON.stringify(value)}`;
  await once(new Worker(code, { eval: true, env: SHARE_ENV }), 'exit');
};
