// Runs one of the product's programs from a bare checkout: installs what is missing, builds what is
// stale, then hands over to the Node that the `node` package brought. It must itself run on any old
// Node and without dependencies, because it is what a newcomer's first command meets.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const at = (...parts) => join(root, ...parts);
const modifiedMs = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

const run = (command, args) => {
  // Everything goes to stderr: the program's own stdout may be read by another program.
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (result.status !== 0) process.exit(result.status ?? 1);
};

const newestSourceMs = (folder) => {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === 'dist') continue;
    const path = join(folder, entry.name);
    newest = Math.max(newest, entry.isDirectory() ? newestSourceMs(path) : modifiedMs(path));
  }
  return newest;
};

if (modifiedMs(at('node_modules/.package-lock.json')) < modifiedMs(at('package-lock.json'))) {
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error']);
}

const stamp = at('node_modules/.cache/shomei-build');
const sources = ['src', 'workflows', 'projections', 'embedded'].filter((room) => existsSync(at(room)));
const newest = Math.max(
  ...sources.map((room) => newestSourceMs(at(room))),
  modifiedMs(at('package.json')),
  modifiedMs(at('tsconfig.base.json')),
);
// What was built knows itself how far it is, each part within its own folder: a folder that was removed is built anew.
const built = ['dist', 'embedded/kit/dist', 'embedded/event-store/dist', 'embedded/temporal/dist'];
if (modifiedMs(stamp) < newest || !built.every((folder) => existsSync(at(folder)))) {
  const { mkdirSync, writeFileSync } = await import('node:fs');
  run('npm', ['run', '--silent', 'build']);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, '');
}

const node = at('node_modules/.bin/node');
// node:sqlite and vm modules are still marked experimental; the warning would only frighten.
const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
