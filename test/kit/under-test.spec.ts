import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { UNDER_TEST } from './event-store-process.js';

/** Starts a program as the tests do, tells when that runs, and waits to be killed. */
const HOST = `
  import { spawn } from 'node:child_process';
  const program = 'process.stdout.write("runs"); setInterval(() => undefined, 1000)';
  const child = spawn(process.execPath, ['--import', '${UNDER_TEST}', '-e', program], { stdio: ['pipe', 1, 2] });
  setInterval(() => undefined, 1000);`;

it('a program under test ends when its test is killed without warning', async () => {
  const host = spawn(process.execPath, ['--input-type=module', '-e', HOST], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [first] = (await once(host.stdout, 'data')) as [Buffer];
  expect(first.toString()).toBe('runs');
  host.kill('SIGKILL');
  // The pipe ends when nobody can write to it any more: neither the host nor the program.
  await once(host, 'close');
});
