import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeWhen } from '../../kit/describe-when.js';
import { eventStoreNodes } from '../../kit/event-store-node.js';
import { Program, startNodeProcess, type NodeProcess } from '../../kit/event-store-process.js';
import { RawPeer } from '../../kit/raw-grpc.js';
import { STATUS } from './hostile-stage.js';
import {
  APPEND,
  appendEvent,
  appendOptions,
  BATCH_APPEND,
  batchOptions,
  batchPart,
  READ,
  readRequest,
  sent,
  subscribing,
} from './wire.js';

interface Outcome {
  readonly uid: number;
  readonly read: Record<string, string>;
  readonly written: Record<string, string>;
  readonly statuses: readonly number[];
}

const NOBODY = 65_534;
const ROOT = 0;
const STREAM = 'private';

const CALLS = [
  { path: READ, chunks: sent(readRequest()) },
  { path: READ, chunks: sent(readRequest(subscribing)) },
  { path: APPEND, chunks: sent(appendOptions(STREAM), appendEvent()) },
  { path: BATCH_APPEND, chunks: sent(batchPart({ options: batchOptions(STREAM) })) },
].map(({ path, chunks }) => ({ path, body: Buffer.concat(chunks).toString('base64') }));

const tryAs = async (uid: number, port: number, files: readonly string[]): Promise<Outcome> => {
  const child = spawn(process.execPath, [fileURLToPath(new URL('../../kit/as-user.mjs', import.meta.url))]);
  child.stdin.end(JSON.stringify({ uid, port, files, calls: CALLS }));
  const { exitCode, stdout, stderr } = await new Program(child).ended;
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const outcome = JSON.parse(stdout) as Outcome;
  expect(outcome.uid).toBe(uid);
  return outcome;
};

// Only root can become somebody else.
describeWhen(process.getuid?.() === ROOT, 'another user of the machine', () => {
  const nodes = eventStoreNodes();
  let node: NodeProcess;
  let files: string[];
  afterEach(() => node.stop());

  /** The folder above it is open, as a home often is: what is closed is the node's own doing. */
  const start = async (prepare: (dataDir: string) => void): Promise<void> => {
    const dataDir = join(nodes.folder(), 'data');
    chmodSync(dirname(dataDir), 0o755);
    prepare(dataDir);
    const umask = process.umask(0);
    node = await startNodeProcess('--data', dataDir).finally(() => process.umask(umask));
    const peer = await RawPeer.connect(node.connectionString);
    await peer.call({ path: APPEND, chunks: sent(appendOptions(STREAM), appendEvent()) });
    peer.close();
    files = readdirSync(dataDir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  };

  it.each<[string, (dataDir: string) => void]>([
    ['that the node has made', () => undefined],
    ['that was there, open to all, before the node', (dataDir) => mkdirSync(dataDir, { mode: 0o755 })],
  ])('can neither read nor change any file in a folder %s', async (_, prepare) => {
    await start(prepare);
    const all = (outcome: string) => Object.fromEntries(files.map((file) => [file, outcome]));
    expect(files.map((file) => file.slice(file.lastIndexOf('/') + 1))).toEqual(
      expect.arrayContaining(['events.db', 'events.db-wal', 'owner.json', 'secret', 'key.pem']),
    );
    const { read, written } = await tryAs(NOBODY, node.port, files);
    expect({ read, written }).toEqual({ read: all('EACCES'), written: all('EACCES') });
    // The same attempts by the owner go through: it is not they that fail.
    expect((await tryAs(ROOT, node.port, files)).read).toEqual(all('done'));
  });

  it('can neither read, follow nor append by the port', async () => {
    await start(() => undefined);
    const { statuses } = await tryAs(NOBODY, node.port, []);
    expect(statuses).toEqual(CALLS.map(() => STATUS.unauthenticated));
    const peer = await RawPeer.connect(node.connectionString);
    const { messages } = await peer.call({ path: READ, chunks: sent(readRequest()) });
    expect(messages).toHaveLength(1);
    peer.close();
  });
});
