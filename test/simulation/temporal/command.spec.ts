import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { callRaw } from '../../kit/temporal/raw-call.js';
import { temporaryFolder } from '../../kit/temporal/target.js';

const path = (file: string) => fileURLToPath(new URL(`../../../${file}`, import.meta.url));
const GET_SYSTEM_INFO = '/temporal.api.workflowservice.v1.WorkflowService/GetSystemInfo';

function command(...args: string[]) {
  const child = spawn(path('node_modules/.bin/node'), [path('embedded/temporal/dist/cli.js'), ...args]);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return { child, exited: once(child, 'exit').then(([code]) => code as number), errors: () => errors };
}

test('tells in one line how to reach it, but not the secret, and stops cleanly', async () => {
  const folder = temporaryFolder();
  const { child, exited, errors } = command('--data', folder.path);
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const ready = JSON.parse(line) as {
    ready: boolean;
    address: string;
    tls: { authorityFile: string; secretFile: string };
  };
  expect(ready.ready).toBe(true);
  const secret = readFileSync(ready.tls.secretFile, 'utf8').trim();
  expect(line).not.toContain(secret);
  expect(statSync(ready.tls.secretFile).mode & 0o077).toBe(0);
  const call = { authority: readFileSync(ready.tls.authorityFile), metadata: { authorization: `Bearer ${secret}` } };
  expect(await callRaw(ready.address, GET_SYSTEM_INFO, call)).toBe(0);
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
  expect(errors()).toBe('');
  folder.remove();
});

test.each([
  [['--nonsense']],
  [[]],
  [['--data', '/nowhere', '--port', '70000']],
  [['--data', '/nowhere', '--search-attribute', 'Colour=Shade']],
  [['--data', '/nowhere', '--retention', 'long']],
])('%j ends with a message and 1', async (args) => {
  const { exited, errors } = command(...args);
  expect(await exited).toBe(1);
  expect(errors().length).toBeGreaterThan(10);
  expect(errors()).not.toContain('    at ');
});
