import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { startInWorker } from './worker-thread.js';

const folder = mkdtempSync(join(tmpdir(), 'worker-thread-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A node that cannot start, as a file that a thread can run. */
const refusing = (): URL => {
  const file = join(folder, 'refusing.mjs');
  const kit = pathToFileURL(resolve('embedded/kit/dist/worker-thread.js')).href;
  writeFileSync(
    file,
    `import { serveInWorker } from '${kit}';
     const why = Object.assign(new Error('the folder is in use by somebody'), { name: 'FolderInUse' });
     await serveInWorker(() => Promise.reject(why));`,
  );
  return pathToFileURL(file);
};

const why = { name: 'FolderInUse', message: 'the folder is in use by somebody' };

it('tells why a node did not start', () => expect(startInWorker(refusing(), {})).rejects.toMatchObject(why));

it('tells it to a host that was busy while the thread said it and ended', async () => {
  const started = startInWorker(refusing(), {});
  started.catch(() => undefined);
  // The thread runs on beside this: by the end it has long said why, and gone.
  await nextTurn();
  const until = performance.now() + 3_000;
  while (performance.now() < until);
  await expect(started).rejects.toMatchObject(why);
});
